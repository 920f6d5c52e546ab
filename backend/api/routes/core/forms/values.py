"""The values of a form as its fields hold them: read from a model's JSON, looked through, and left out."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from backend.api.routes.core.forms.numbers import in_page_language
from backend.api.routes.core.forms.words import typed_words
from backend.kit.forms import FieldShape, as_typed, describe, field_at
from backend.kit.text import single_line

Values = Mapping[str, Sequence[str]]


def to_values(model: type[BaseModel], data: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """A model's JSON as form values: to duplicate a case, for drafts and for changes."""
    values: dict[str, list[str]] = {}
    for one in describe(model).fields:
        path, value = prefix + one.name, data.get(one.name)
        if value is None:
            if prefix and one.model is None:
                values[path] = [""]  # an empty field, so that a row in which all are empty is a row
        elif one.kind == "rows" and one.model:
            for index, row in enumerate(value):
                values |= to_values(one.model, row, f"{path}.{index}.")
        elif one.kind == "group" and one.model:
            values |= to_values(one.model, value, f"{path}.")
        else:
            values[path] = _typed(one, value)
    return values


def _typed(one: FieldShape, value: Any) -> list[str]:
    if one.kind == "words":
        return [typed_words(value)]
    return [in_page_language(one, as_typed(each)) for each in (value if isinstance(value, list) else [value])]


def first_words(model: type[BaseModel], values: Values, most: int = 120) -> str:
    """What the first text field that is filled in says: by this a draft is found again."""
    texts = (name for name in values if (one := field_at(model, name)) and one.kind == "text")
    return next((line[:most] for name in texts for value in values[name] if (line := single_line(value))), "")


def files_typed(model: type[BaseModel], values: Values) -> list[UUID]:
    """The ids of the files that a form holds."""
    return [UUID(each) for name in _file_fields(model, values) for each in values[name] if is_id(each)]


def without_file(model: type[BaseModel], values: Values, gone: str) -> dict[str, list[str]]:
    """The same values without one file."""
    fields = set(_file_fields(model, values))
    return {name: [each for each in given if name not in fields or each != gone] for name, given in values.items()}


def without_files_typed(model: type[BaseModel], values: Values) -> dict[str, list[str]]:
    """The same values without any file."""
    fields = set(_file_fields(model, values))
    return {name: list(given) for name, given in values.items() if name not in fields}


def is_blank(model: type[BaseModel], values: Values) -> bool:
    """Whether nothing is filled in but what an empty form holds."""
    defaults = {name: one.default for name in values if (one := field_at(model, name))}
    return not any(
        value.strip() not in {"", defaults.get(name, "")} for name, given in values.items() for value in given
    )


def _file_fields(model: type[BaseModel], values: Values) -> list[str]:
    return [name for name in values if (one := field_at(model, name)) and one.kind == "files"]


def is_id(value: str) -> bool:
    """Whether this is the id of a file or a draft."""
    try:
        UUID(value)
    except ValueError:
        return False
    return True
