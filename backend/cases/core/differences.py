"""What changed between two versions of a form, in the words of the form."""

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backend.cases.core.errors import Difference
from backend.cases.core.text_differences import is_long, text_parts

NONE = "none"


def differences(model: type[BaseModel], before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Every field that differs, rows by their position, labelled as the form labels them."""
    found: list[Difference] = []
    for name, field in model.model_fields.items():
        label = field.title or name.replace("_", " ").capitalize()
        found += _compare(label, field, before.get(name), after.get(name))
    return found


def _compare(label: str, field: FieldInfo, before: Any, after: Any) -> list[Difference]:
    if before == after:
        return []
    row = row_model(field)
    if row is None or not isinstance(before, list) or not isinstance(after, list):
        return [Difference(label, _words(before), _words(after), _parts(before, after))]
    found = []
    for index in range(max(len(before), len(after))):
        old = before[index] if index < len(before) else None
        new = after[index] if index < len(after) else None
        found += _compare_rows(row, index, old, new)
    return found


def _parts(before: Any, after: Any) -> list[tuple[str, str]]:
    texts = isinstance(before, str) and isinstance(after, str)
    return text_parts(before, after) if texts and is_long(before, after) else []


def _compare_rows(
    row: type[BaseModel], index: int, old: dict[str, Any] | None, new: dict[str, Any] | None
) -> list[Difference]:
    name = _row_name(row, new or old or {}, index)
    if old is None or new is None:
        return [Difference(f"{name}, line {index + 1}", _line(row, old), _line(row, new))]
    return [
        Difference(f"{name}, {change.label.lower()}", change.before, change.after)
        for change in differences(row, old, new)
    ]


def row_model(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a repeatable field's rows; None for any other field."""
    for argument in getattr(field.annotation, "__args__", ()):
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            return argument
    return None


def _row_name(model: type[BaseModel], row: dict[str, Any], index: int) -> str:
    texts = [value for value in _in_order(model, row) if isinstance(value, str) and value]
    return texts[0] if texts else f"Line {index + 1}"


def _line(model: type[BaseModel], row: dict[str, Any] | None) -> str:
    return NONE if row is None else " · ".join(_words(value) for value in _in_order(model, row))


def _in_order(model: type[BaseModel], row: dict[str, Any]) -> list[Any]:
    """The values of a row as the form has them: the database keeps JSON by the length of its names."""
    return [row[name] for name in model.model_fields if name in row]


def _words(value: Any) -> str:
    if value is None or value in ("", []):
        return NONE
    if isinstance(value, list):
        return f"{len(value)}" if any(isinstance(item, dict) for item in value) else ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
