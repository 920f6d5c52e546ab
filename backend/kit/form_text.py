"""The text in what was given for a form, as it is kept: see `kit.text`."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from backend.kit.forms import FieldShape, describe
from backend.kit.text import paragraphs, single_line


def tidied(model: type[BaseModel], data: Mapping[str, Any]) -> dict[str, Any]:
    """The same content, its text trimmed and in one spelling; an optional text that shows nothing is not given."""
    kept = dict(data)
    for one in describe(model).fields:
        if one.name not in kept:
            continue
        given = kept[one.name]
        kept[one.name] = _tidied(one, given)
        if given and kept[one.name] == "" and not one.required:
            del kept[one.name]
    return kept


def _tidied(one: FieldShape, given: Any) -> Any:
    if one.model and isinstance(given, Mapping):
        return tidied(one.model, given)
    if one.model and isinstance(given, list):
        return [tidied(one.model, row) if isinstance(row, Mapping) else row for row in given]
    if one.kind == "words" and isinstance(given, list):
        return [single_line(each) if isinstance(each, str) else each for each in given]
    if isinstance(given, str) and one.kind in {"text", "long"}:
        return paragraphs(given) if one.kind == "long" else single_line(given)
    return given
