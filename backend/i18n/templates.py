"""Jinja's own i18n extension, in the language in hand. One environment serves every language."""

from jinja2 import Environment

from backend.i18n.catalogue import catalogue_of, gettext, ngettext
from backend.i18n.language import current_language


def speak_languages(environment: Environment) -> None:
    """Give templates `_`, `ngettext`, `pgettext` and `trans`, whose text is trimmed."""
    environment.policies["ext.i18n.trimmed"] = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]


def pgettext(context: str, message: str) -> str:
    """The message, of several that are the same in English, that this context means."""
    return catalogue_of(current_language()).gettext(message, context)
