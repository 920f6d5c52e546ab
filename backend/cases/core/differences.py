"""What changed between two versions of a form, in the words of the form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import BaseModel

from backend.cases.core.edit_script import Budget
from backend.cases.core.text_differences import MOST_COMPARISONS, is_long, text_parts
from backend.kit.forms import FieldShape, describe
from backend.kit.moments import in_utc
from backend.kit.times import day

NONE = "none"


@dataclass
class Difference:
    """One field that changed: what it was, what it is. A long text has `parts`: same, gone or new, and their words."""

    label: str
    before: str
    after: str
    parts: list[tuple[str, str]] = field(default_factory=list)


def differences(
    model: type[BaseModel], before: Mapping[str, Any], after: Mapping[str, Any], budget: Budget | None = None
) -> list[Difference]:
    """Every field that differs, rows by their position, labelled as the form labels them.

    All long texts share the budget; give one to several calls for one page.
    """
    budget = budget or Budget(MOST_COMPARISONS)
    found: list[Difference] = []
    for one in describe(model).fields:
        old, new = before.get(one.name), after.get(one.name)
        if old != new:
            found += _of_field(one, old, new, budget)
    return found


def _of_field(one: FieldShape, old: Any, new: Any, budget: Budget) -> list[Difference]:
    if one.kind == "rows" and one.model and isinstance(old or [], list) and isinstance(new or [], list):
        return _of_table(one, old or [], new or [], budget)
    if one.kind == "group" and one.model and isinstance(old, Mapping) and isinstance(new, Mapping):
        return _labelled(one.label, differences(one.model, old, new, budget))
    return [_difference(one.label, words(one, old), words(one, new), _parts(old, new, budget))]


def _difference(label: str, before: str, after: str, parts: list[tuple[str, str]] | None = None) -> Difference:
    """What differs may not be said in words: a file for another, a space, a line without a value."""
    return Difference(label, before, f"{after} (changed)" if before == after else after, parts or [])


def _parts(old: Any, new: Any, budget: Budget) -> list[tuple[str, str]]:
    texts = isinstance(old, str) and isinstance(new, str)
    return text_parts(old, new, budget) if texts and is_long(old, new) else []


def _of_table(one: FieldShape, old: list[Any], new: list[Any], budget: Budget) -> list[Difference]:
    found: list[Difference] = []
    model = one.model
    assert model is not None  # noqa: S101 - a table has the model of its rows
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        name = _row_name(model, after or before or {}, index)
        if before is None or after is None:
            found.append(_difference(f"{name}, line {index + 1}", _line(model, before), _line(model, after)))
        elif before != after:
            found += _labelled(name, differences(model, before, after, budget))
    return found


def _labelled(name: str, changes: list[Difference]) -> list[Difference]:
    return [Difference(f"{name}, {each.label.lower()}", each.before, each.after, each.parts) for each in changes]


def _row_name(model: type[BaseModel], row: Mapping[str, Any], index: int) -> str:
    texts = (row.get(one.name) for one in describe(model).fields if one.kind in {"text", "choice", "long"})
    return next((text for text in texts if isinstance(text, str) and text.strip()), f"Line {index + 1}")


def _line(model: type[BaseModel], row: Mapping[str, Any] | None) -> str:
    if row is None:
        return NONE
    return " · ".join(words(one, row[one.name]) for one in describe(model).fields if one.name in row)


def words(one: FieldShape, value: Any) -> str:
    """A stored value as people read it."""
    if value is None or value in ("", [], {}):
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if one.kind == "group" and one.model and isinstance(value, Mapping):
        return _line(one.model, value)
    if isinstance(value, list):
        return _of_list(one, value)
    return _of_scalar(one, value)


def _of_list(one: FieldShape, value: list[Any]) -> str:
    if one.kind == "rows" and one.model:
        return "; ".join(_line(one.model, row) for row in value)
    return ", ".join(one.label_of(each) for each in value)


def _of_scalar(one: FieldShape, value: Any) -> str:
    try:
        if one.kind == "money":
            return f"{Decimal(str(value)):,.2f}"
        if one.kind == "date":
            return day(date.fromisoformat(value))
        if one.kind == "moment":
            return in_utc(datetime.fromisoformat(value))
    except (TypeError, ValueError, InvalidOperation):
        return str(value)
    return one.label_of(value)
