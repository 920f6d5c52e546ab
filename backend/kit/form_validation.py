"""Validate what was given for a form: the model if everything fits, or every error with its place."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from backend.kit.fields import FormContext
from backend.kit.form_messages import missing, sentence
from backend.kit.forms import FieldShape, field_at, walk
from backend.kit.i18n import N_


def validate(
    model: type[BaseModel], data: Mapping[str, Any], context: FormContext
) -> tuple[BaseModel | None, dict[str, str]]:
    """The model, or its errors by path: the same check for forms, REST and decisions."""
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
    for place in _no_numbers(model, data):
        errors.setdefault(place, N_("Enter a whole number, such as 3"))
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
    """Fields that need text and hold nothing but spaces."""
    for place, one, given in walk(model, data):
        if one.kind in {"text", "long"} and one.required and isinstance(given, str) and not given.strip():
            yield place, one


def _no_numbers(model: type[BaseModel], data: Mapping[str, Any]) -> Iterator[str]:
    """Where a number is true or false: Pydantic would read it as 1 or 0."""
    for place, one, given in walk(model, data):
        if one.kind == "number" and isinstance(given, bool):
            yield place


def _unstorable(value: Any, place: str = "") -> Iterator[str]:
    """Where text holds the one character that PostgreSQL cannot keep."""
    if isinstance(value, str) and "\0" in value:
        yield place
    inside = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        yield from _unstorable(each, f"{place}.{name}" if place else str(name))
