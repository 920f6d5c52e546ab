"""Several words in one field: separated by commas, semicolons or line ends; in quotation marks they may hold those."""

import re
from collections.abc import Iterable

_QUOTED = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?:[,;\n]|$)')
_PLAIN = re.compile(r"[^,;\n]*(?:[,;\n]|$)")
_SEPARATORS = ",;\n"


def words_in(typed: str) -> list[str]:
    """What was typed, word by word."""
    found, place = [], 0
    while place < len(typed):
        quoted = _QUOTED.match(typed, place)
        match = quoted or _PLAIN.match(typed, place)
        if match is None or match.end() == place:
            break
        word = quoted[1].replace('""', '"') if quoted else match[0].strip(_SEPARATORS).strip()
        if word:
            found.append(word)
        place = match.end()
    return found


def typed_words(words: Iterable[str]) -> str:
    """The words as they are typed into one field."""
    return ", ".join(_quoted(word) if _needs_quotes(word) else word for word in words)


def _needs_quotes(word: str) -> bool:
    return word != word.strip() or word.startswith('"') or any(each in word for each in _SEPARATORS)


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
