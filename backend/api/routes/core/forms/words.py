"""Several entries in one field, one a line: an entry may hold commas, semicolons and quotation marks."""

from collections.abc import Iterable

from backend.kit.text import single_line


def words_in(typed: str) -> list[str]:
    """What was typed, entry by entry; lines that show nothing are none."""
    return [entry for entry in map(single_line, typed.replace("\r", "\n").split("\n")) if entry]


def typed_words(words: Iterable[str]) -> str:
    """The entries as they are typed into one field."""
    return "\n".join(map(single_line, words))
