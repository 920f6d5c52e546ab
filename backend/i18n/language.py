"""The languages of the desk, which one a reader gets, and the one of the request or email in hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

from babel import Locale, negotiate_locale

MOST_TAGS = 20  # of an Accept-Language header; browsers send fewer than ten


class Language(StrEnum):
    """A language in which the desk is shown, by its BCP 47 tag."""

    ENGLISH = "en"
    GERMAN = "de"
    PSEUDO = "en-XA"

    @property
    def locale(self) -> Locale | None:
        """How dates and numbers are written; None where they are written as in the source."""
        return Locale("de") if self is Language.GERMAN else None


CHOICES = {Language.ENGLISH: "English", Language.GERMAN: "Deutsch"}
"""What people can choose, each under its own name."""

_current: ContextVar[Language] = ContextVar("language", default=Language.ENGLISH)


def current_language() -> Language:
    """The language of the request or email in hand; English elsewhere."""
    return _current.get()


def use_language(language: Language) -> None:
    """Show everything in this language from here to the end of the request."""
    _current.set(language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Show everything in this language, within the block."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def chosen_language(choice: str | None) -> Language | None:
    """The language of a person's own choice, if they made one that we speak."""
    return next((language for language in CHOICES if language == choice), None)


def negotiated(accept: str, *, pseudo: bool = False) -> Language:
    """What suits an Accept-Language header (RFC 9110) best; English if nothing does."""
    known = list(Language) if pseudo else list(CHOICES)
    found = negotiate_locale(_tags(accept), known, sep="-")
    return next((language for language in known if language.lower() == (found or "").lower()), Language.ENGLISH)


def _tags(accept: str) -> list[str]:
    """The tags of the header, best first; what has no valid weight or weighs nothing is left out."""
    weighted = [_weighted(part) for part in accept.split(",")[:MOST_TAGS]]
    return [tag for tag, weight in sorted(weighted, key=lambda each: -each[1]) if weight > 0 and tag]


def _weighted(part: str) -> tuple[str, float]:
    tag, _, parameter = part.partition(";")
    name, _, value = parameter.strip().partition("=")
    if not parameter.strip():
        return tag.strip(), 1.0
    try:
        weight = float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        weight = 0.0
    return tag.strip(), weight if 0 <= weight <= 1 else 0.0
