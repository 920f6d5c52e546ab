"""Lists of names in sentences."""

from collections.abc import Sequence


def join_names(names: Sequence[str], word: str = "or") -> str:
    """As in "Ann", "Ann or Ben", "Ann, Ben or Cem"; empty for nobody."""
    *others, last = names or [""]
    return f"{', '.join(others)} {word} {last}" if others else last
