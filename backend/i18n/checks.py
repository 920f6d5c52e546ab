"""What can be wrong with a translation: it is missing, a guess, or lost a placeholder or a tag of its message."""

import re
from collections.abc import Iterator
from string import Formatter

from babel.messages.catalog import Message

from backend.i18n.catalogue import as_forms

_NAMED = re.compile(r"%\((\w+)\)")
_TAG = re.compile(r"</?[a-z]+[^<>]*>")


def faults_of(message: Message, *, complete: bool) -> Iterator[str]:
    """Each fault of one translation; what is not translated is one if the catalogue has to be complete."""
    sources, forms = as_forms(message.id), as_forms(message.string)
    if message.fuzzy:
        yield "fuzzy"
    if any("{}" in source for source in sources):
        yield "placeholders have names"
    if not forms or not all(forms):
        if complete or any(forms):
            yield "not translated"
        return
    needed, known = placeholders(sources[-1]), set().union(*map(placeholders, sources))
    for form in forms:
        # The form for one may say “one” in words, as the message itself may.
        if not placeholders(form) <= known or (needed - placeholders(form)) - {"count"}:
            yield f"other placeholders: {form!r}"
        if sorted(_TAG.findall(form)) != sorted(_TAG.findall(sources[-1])):
            yield f"other tags: {form!r}"


def placeholders(text: str) -> set[str]:
    """The names of the placeholders, of either format."""
    try:
        return set(_NAMED.findall(text)) | {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:
        return set(_NAMED.findall(text))
