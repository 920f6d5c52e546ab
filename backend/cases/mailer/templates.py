"""The templates of emails, and how they show the values of a form: in the same words as the pages, as plain text."""

from collections.abc import Mapping
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from backend.i18n.catalogue import gettext
from backend.i18n.formats import day, in_full, money
from backend.i18n.sentences import translated
from backend.i18n.templates import speak_languages
from backend.kit.addresses import unlinked
from backend.kit.form_values import PersonName, Shown
from backend.kit.i18n import N_
from backend.kit.money import Money
from backend.kit.notification import without_breaks

TEMPLATES = Path(str(files("backend"))).parent / "frontend" / "templates" / "emails"
LONGEST = 2_000  # characters of a long text; the page has all of it


def email_templates() -> Environment:
    """An environment for the text and the HTML part; their context has the reader's `time_zone`."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    speak_languages(environment)
    environment.filters["translated"] = _translated
    environment.filters["in_words"] = _in_words
    environment.filters["shortened"] = _shortened
    return environment


@pass_context
def _translated(context: Context, sentence: str) -> str:
    return as_mailed(sentence, context["time_zone"])


def as_mailed(sentence: str, zone: str) -> str:
    """A sentence in the recipient's language, its moments with year and zone, and no link out of what people typed."""
    return unlinked(translated(sentence, zone, in_full))


@pass_context
def _in_words(context: Context, value: Shown, names: Mapping[str, str]) -> str:
    return without_breaks(in_words(value, names, context["time_zone"]))


def in_words(value: Shown, names: Mapping[str, str], zone: str) -> str:
    """One value of a form, as people read it in their language and time zone."""
    if isinstance(value, Money):
        return money(value.amount, value.currency)
    if isinstance(value, bool):
        return gettext(N_("Yes")) if value else gettext(N_("No"))
    if isinstance(value, date):
        return in_full(value, zone) if isinstance(value, datetime) else day(value)
    if isinstance(value, PersonName):
        return unlinked(names.get(value, value))
    if isinstance(value, list):
        return unlinked(", ".join(value))
    return "—" if value is None else as_mailed(str(value), zone)


def _shortened(text: str) -> str:
    return unlinked(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")
