"""Numbers as people type them in the language of the page, and as a page writes them into its fields.

A number that could be another one in another language is read only where the field leaves no doubt: “1.500” in an
amount of an English page is refused, with both of its readings.
"""

import re
from decimal import Decimal

from backend.i18n import formats
from backend.i18n.language import Language, current_language, speaking
from backend.kit.i18n import N_

TYPED_IN = "typed_in"
"""The hidden control that names the language in which a form was drawn: its numbers are read in no other one."""
UNREADABLE = "not a number"
"""What stands for text that is no number in its language: no parser takes it for one."""
# What groups thousands, and the decimal sign. Spaces and apostrophes group in every language.
_SEPARATORS = {Language.GERMAN: (".", ",")}
_ENGLISH = (",", ".")
_STYLES = (_ENGLISH, *_SEPARATORS.values())
_GROUPED_ANYWHERE = str.maketrans(dict.fromkeys(" \u00a0\u2009\u202f’", "'"))
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_THOUSANDS = 3
CENTS = 2


def language_named(tag: str | None) -> Language:
    """The language that a form names as its own. Addresses and drafts that name none are in English."""
    return next((language for language in Language if language == tag), Language.ENGLISH)


def read_number(typed: str, language: Language | None = None, places: int | None = None) -> str:
    """“1.234,50” of a German page as “1234.50”; UNREADABLE for text that is no number in the language.

    With `places`, the decimal places that the field takes, three decimals that could be thousands are UNREADABLE, too.
    """
    number = _read(typed, _separators(language))
    if number is None or (_could_be_thousands(number, places) and len(_meanings(typed)) > 1):
        return UNREADABLE
    return number


def doubt(typed: str, language: Language | None = None, places: int | None = None) -> str:
    """What to ask about text that is UNREADABLE: which of its readings is meant. Empty if it has none."""
    if read_number(typed, language, places) != UNREADABLE:
        return ""
    readings = [_shown(each, places) for each in sorted(_meanings(typed), reverse=True) if _fits(each, places)]
    if not readings:
        return ""
    if len(readings) == 1:
        return N_("Did you mean {first_text}? Enter it this way.").format(first_text=readings[0])
    sentence = N_("Did you mean {first_text} or {other_text}? Enter it without a thousands separator.")
    return sentence.format(first_text=readings[0], other_text=readings[1])


class NoAmount(ValueError):
    """Text that is no amount of money; with the question that would settle it, if there is one."""

    def __init__(self, question: str = "") -> None:
        super().__init__(question)
        self.question = question


def read_amount(typed: str, language: Language) -> Decimal:
    """An amount of money as typed on a page in this language. NoAmount for anything else."""
    number = read_number(typed, language, CENTS)
    if number == UNREADABLE:
        with speaking(language):
            raise NoAmount(doubt(typed, places=CENTS))
    return Decimal(number)


def plain_amount(written: str) -> Decimal:
    """An amount as programs write it, `1234.50`. NoAmount for anything else."""
    if not _PLAIN.fullmatch(written):
        raise NoAmount
    return Decimal(written)


def understood(typed: str, places: int | None = None) -> str:
    """The number that was read, as the page in hand writes it; empty for no number, or if it was typed just so."""
    number = read_number(typed.strip(), places=places)
    if number == UNREADABLE or not _fits(Decimal(number), places):
        return ""
    shown = _shown(Decimal(number), places)
    return "" if shown == typed.strip() else shown


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


def _read(typed: str, separators: tuple[str, str]) -> str | None:
    """The number by the rules of one language; None if it breaks them."""
    group, point = separators
    grouped = rf"[1-9][0-9]{{0,2}}([{group}'])[0-9]{{3}}(?:\3[0-9]{{3}})*"
    value = typed.translate(_GROUPED_ANYWHERE)
    found = re.fullmatch(rf"(-?)({grouped}|[0-9]*)(?:\{point}([0-9]+))?", value)
    if found is None or not (found[2] or found[4]):
        return None
    whole = re.sub(r"[^0-9]", "", found[2]) or "0"
    return f"{found[1]}{whole}.{found[4]}" if found[4] else f"{found[1]}{whole}"


def _meanings(typed: str) -> set[Decimal]:
    """The numbers that it would be in each of the languages."""
    read = (_read(typed, each) for each in _STYLES)
    return {Decimal(number) for number in read if number is not None}


def _could_be_thousands(number: str, places: int | None) -> bool:
    return places is not None and places < _THOUSANDS and len(number.partition(".")[2]) == _THOUSANDS


def _fits(number: Decimal, places: int | None) -> bool:
    return places is None or number == round(number, places)


def _shown(number: Decimal, places: int | None) -> str:
    return formats.number(number) if places is None else formats.fixed(number, places)


def _separators(language: Language | None) -> tuple[str, str]:
    return _SEPARATORS.get(language or current_language(), _ENGLISH)
