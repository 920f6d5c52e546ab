"""Numbers as people type them in the language of the page, and as a page writes them into its fields."""

import re

from backend.i18n.language import Language, current_language

TYPED_IN = "typed_in"
"""The hidden control that names the language in which a form was drawn: its numbers are read in no other one."""
# What groups thousands, and the decimal sign. Spaces group in every language.
_SEPARATORS = {Language.GERMAN: (".", ",")}
_ENGLISH = (",", ".")
_SPACES = str.maketrans("", "", " \u00a0\u202f")
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def language_named(tag: str | None) -> Language:
    """The language that a form names as its own. Addresses and drafts that name none are in English."""
    return next((language for language in Language if language == tag), Language.ENGLISH)


def read_number(typed: str, language: Language | None = None) -> str:
    """“1.234,50” of a German page as “1234.50”. Text that is no number in the language stays unreadable as one."""
    value = typed.translate(_SPACES)
    group, point = _separators(language)
    if re.fullmatch(rf"-?[1-9][0-9]{{0,2}}(\{group}[0-9]{{3}})+(\{point}[0-9]+)?", value):
        value = value.replace(group, "")
    if re.fullmatch(rf"-?[0-9]+\{point}[0-9]+", value):
        return value.replace(point, ".")
    # “118.50” is no German number: with its own sign, nothing takes it for one.
    return value.replace(".", point)


def write_number(value: str, language: Language | None = None) -> str:
    """“1234.50” as “1234,50” on a German page; text that is no number as it is."""
    _, point = _separators(language)
    return value.replace(".", point) if _PLAIN.fullmatch(value) else value


def respell_number(typed: str, typed_in: Language) -> str:
    """A number that was typed on a page in another language, as this one writes it; other text as it was typed."""
    if typed_in is current_language():
        return typed
    number = read_number(typed, typed_in)
    return write_number(number) if _PLAIN.fullmatch(number) else typed


def _separators(language: Language | None) -> tuple[str, str]:
    return _SEPARATORS.get(language or current_language(), _ENGLISH)
