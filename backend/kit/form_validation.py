"""Validate what was given for a form: the model if everything fits, or every error with its place."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from backend.kit.fields import FormContext
from backend.kit.form_messages import missing, not_plain, sentence
from backend.kit.form_text import tidied
from backend.kit.forms import FieldShape, field_at, walk
from backend.kit.i18n import N_

_WHOLE = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_PLAIN: dict[str, re.Pattern[str]] = {
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "moment": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*"),
}


def validate(
    model: type[BaseModel], given: Mapping[str, Any], context: FormContext
) -> tuple[BaseModel | None, dict[str, str]]:
    """The model, or its errors by path: the same check for forms, REST and decisions."""
    data = tidied(model, given)
    errors: dict[str, str] = {}
    form: BaseModel | None = None
    try:
        form = model.model_validate(data, context=context)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            place = ".".join(str(part) for part in one["loc"])
            errors.setdefault(place, sentence(field_at(model, place), one))
    for place, one_shape in _blank(model, data):
        errors.setdefault(place, missing(one_shape))
    for place in _unstorable(data):
        errors.setdefault(place, N_("Remove the invisible character (U+0000); it cannot be stored"))
    errors |= {place: not_plain(one) for place, one in _not_plain(model, data)}
    for place, text in _not_offered(model, data, context):
        errors.setdefault(place, text)
    return (None if errors else form), errors


def _not_offered(model: type[BaseModel], data: Mapping[str, Any], context: FormContext) -> Iterator[tuple[str, str]]:
    """Where something else was chosen than what its list offers."""
    for place, one, given in walk(model, data):
        offered = context.choices.get(one.marker.lookup)
        if offered is not None and isinstance(given, str) and given not in offered:
            yield place, N_("Choose “{label}” from the list").format(label=one.label)


def _blank(model: type[BaseModel], data: Mapping[str, Any]) -> Iterator[tuple[str, FieldShape]]:
    """Fields that need text and show nothing, and entries of a list that do."""
    for place, one, given in walk(model, data):
        if one.kind in {"text", "long"} and one.required and given == "":
            yield place, one
        elif one.kind == "words" and isinstance(given, list):
            yield from ((f"{place}.{number}", one) for number, each in enumerate(given) if each == "")


def _not_plain(model: type[BaseModel], data: Mapping[str, Any]) -> Iterator[tuple[str, FieldShape]]:
    """Where Pydantic would read something as a number or a day that nobody writes so: `true`, `1e3`, `1_000`."""
    for place, one, value in walk(model, data):
        given = value.get("amount") if one.kind == "money" and isinstance(value, Mapping) else value
        pattern = (_WHOLE if one.places == 0 else _DECIMAL) if one.kind in {"number", "money"} else _PLAIN.get(one.kind)
        wrong_type = isinstance(given, bool) or (one.kind in _PLAIN and isinstance(given, int | float))
        wrong_text = isinstance(given, str) and pattern is not None and not pattern.fullmatch(given)
        if pattern is not None and (wrong_type or wrong_text):
            yield place, one


def _unstorable(value: Any, place: str = "") -> Iterator[str]:
    """Where text holds the one character that PostgreSQL cannot keep."""
    if isinstance(value, str) and "\0" in value:
        yield place
    inside = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        yield from _unstorable(each, f"{place}.{name}" if place else str(name))
