"""Small pieces of English."""

from collections.abc import Sequence


def one_of(names: Sequence[str], word: str = "or") -> str:
    """«Ann», «Ann or Ben», «Ann, Ben or Cem»; empty for nobody."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"
