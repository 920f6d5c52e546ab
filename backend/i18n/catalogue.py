"""The messages of each language, read from the committed catalogues when they are first needed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from gettext import c2py
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from backend.i18n.language import Language, current_language
from backend.i18n.pseudo import pseudo

LOCALES = Path(str(files("backend"))) / "locales"
DOMAIN = "countersign"


@dataclass(frozen=True)
class Message:
    """One message: the English one or two, and their forms in the language."""

    sources: tuple[str, ...]
    forms: tuple[str, ...]
    context: str = ""


@dataclass(frozen=True)
class Catalogue:
    """What one language says for each English message; English where it says nothing."""

    messages: tuple[Message, ...] = ()
    form_of: Callable[[int], int] = lambda count: int(count != 1)
    _known: dict[tuple[str, str], Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known.update({(message.context, message.sources[0]): message for message in self.messages})

    def gettext(self, message: str, context: str = "") -> str:
        """The message in this language."""
        found = self._known.get((context, message))
        return found.forms[0] if found else self._unknown(message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """The form for this count."""
        found = self._known.get(("", singular))
        if found is None or len(found.sources) == 1:
            return self._unknown(singular if count == 1 else plural)
        return found.forms[self.form_of(count)]

    def _unknown(self, message: str) -> str:
        return message


class PseudoCatalogue(Catalogue):
    """Says everything in the pseudo-locale, known or not."""

    def _unknown(self, message: str) -> str:
        return pseudo(message)


@cache
def catalogue_of(language: Language) -> Catalogue:
    """The catalogue of a language, read once."""
    if language is Language.ENGLISH:
        return Catalogue()
    kept = read_catalogue(Language.GERMAN)
    if language is Language.PSEUDO:
        sources = (as_forms(each.id) for each in kept if each.id)
        return PseudoCatalogue(tuple(Message(each, tuple(map(pseudo, each))) for each in sources))
    return Catalogue(tuple(_translated(kept)), c2py(get_plural(language).plural_expr))


def read_catalogue(language: Language) -> Catalog:
    """The catalogue as it is committed."""
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def catalogue_file(language: Language) -> Path:
    """Where the catalogue of a language is kept."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _translated(kept: Catalog) -> Iterator[Message]:
    for each in kept:
        forms = as_forms(each.string)
        if each.id and forms and all(forms) and not each.fuzzy:
            yield Message(as_forms(each.id), forms, each.context or "")


def as_forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """A message or translation with or without a plural, as all its forms."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def gettext(message: str) -> str:
    """The message in the language in hand."""
    return catalogue_of(current_language()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form for this count in the language in hand."""
    return catalogue_of(current_language()).ngettext(singular, plural, count)
