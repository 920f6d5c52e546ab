"""A form as its template draws it: fields with what was typed, errors beside them, and running totals."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError

from backend.api.routes.core.forms.decoder import plain, row_count
from backend.api.routes.core.forms.shape import FieldShape, shapes
from backend.database.tables import File


@dataclass
class FieldView:
    """One field: its path, what it holds, and what is wrong with it."""

    shape: FieldShape
    path: str
    value: str = ""
    error: str = ""
    choices: Sequence[tuple[str, str]] = ()
    rows: list["RowView"] = field(default_factory=list)
    fields: list["FieldView"] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id of its element."""
        return f"f-{self.path.replace('.', '-')}"

    @property
    def total(self) -> Decimal | None:
        """The sum of the rows that have a total; None if rows have none."""
        known = [row.total for row in self.rows if row.total is not None]
        return sum(known, Decimal()) if known else None

    @property
    def without(self) -> str:
        """Which lines the running total leaves out."""
        left_out = [str(index + 1) for index, row in enumerate(self.rows) if row.total is None]
        return f"without line {', '.join(left_out)}" if left_out and self.total is not None else ""


@dataclass
class RowView:
    """One row of a repeatable field."""

    path: str
    fields: list[FieldView]
    total: Decimal | None
    has_total: bool


@dataclass
class Section:
    """A panel of the form."""

    title: str
    fields: list[FieldView]


@dataclass
class FormView:
    """The whole form."""

    sections: list[Section]
    problems: list[tuple[str, str]]


def form_view(
    model: type[BaseModel],
    values: Mapping[str, Sequence[str]],
    errors: Mapping[str, str],
    choices: Mapping[str, Mapping[str, str]],
    files: Sequence[File] = (),
) -> FormView:
    """Draw the form with these values, exactly as they were typed."""
    sections: list[Section] = []
    for one in shapes(model):
        if one.marker.section or not sections:
            sections.append(Section(one.marker.section, []))
        sections[-1].fields.append(_field(one, one.name, values, errors, choices, files))
    return FormView(sections, _problems(sections, errors))


def _field(
    one: FieldShape,
    path: str,
    values: Mapping[str, Sequence[str]],
    errors: Mapping[str, str],
    choices: Mapping[str, Mapping[str, str]],
    files: Sequence[File],
) -> FieldView:
    if one.marker.choices and one.marker.choices not in choices:
        one = replace(one, kind="text")
    given = values.get(path, [one.default])
    view = FieldView(
        shape=one,
        path=path,
        value=given[0] if given else "",
        error=errors.get(path, ""),
        choices=list(choices.get(one.marker.choices, {}).items()) or one.choices,
        files=list(files) if one.kind == "files" else [],
    )
    if one.kind in {"files", "words"}:
        view.error = next((text for place, text in errors.items() if place.startswith(path)), "")
    if one.model and one.kind == "rows":
        for index in range(max(row_count(path, values), 1)):
            prefix = f"{path}.{index}"
            cells = [_field(s, f"{prefix}.{s.name}", values, errors, choices, files) for s in shapes(one.model)]
            view.rows.append(RowView(prefix, cells, _row_total(one.model, cells), hasattr(one.model, "total")))
    if one.model and one.kind == "group":
        view.fields = [_field(s, f"{path}.{s.name}", values, errors, choices, files) for s in shapes(one.model)]
    return view


def _row_total(model: type[BaseModel], cells: list[FieldView]) -> Decimal | None:
    """What this row comes to, as far as it is filled in."""
    if not hasattr(model, "total"):
        return None
    data = {cell.shape.name: plain(cell.shape, cell.value) for cell in cells}
    for cell in cells:
        if cell.shape.kind == "text" and not data[cell.shape.name]:
            data[cell.shape.name] = "not named yet"
    try:
        total: Decimal = model.model_validate(data).total
    except ValidationError:
        return None
    return total


def _problems(sections: list[Section], errors: Mapping[str, str]) -> list[tuple[str, str]]:
    """The summary: each error with the element it links to, in the order of the form."""
    found: list[tuple[str, str]] = []
    for section in sections:
        for view in section.fields:
            found += _problems_of(view)
    shown = {view.error for section in sections for view in _all(section.fields)}
    found += [("", f"{place}: {text}") for place, text in errors.items() if text not in shown]
    return found


def _all(views: Iterable[FieldView]) -> Iterator[FieldView]:
    for view in views:
        yield view
        yield from _all(view.fields)
        yield from _all(cell for row in view.rows for cell in row.fields)


def _problems_of(view: FieldView, row: str = "") -> list[tuple[str, str]]:
    label = f"{row}, {view.shape.label.lower()}" if row else view.shape.label
    found = [(view.id, f"{label}: {view.error}")] if view.error else []
    for index, each in enumerate(view.rows):
        name = next((cell.value for cell in each.fields if cell.value), "") or f"Line {index + 1}"
        for cell in each.fields:
            found += _problems_of(cell, name)
    for each_field in view.fields:
        found += _problems_of(each_field)
    return found


def to_values(model: type[BaseModel], data: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """A model's JSON as form values: for «start one like this», drafts and changes."""
    values: dict[str, list[str]] = {}
    for one in shapes(model):
        path, value = prefix + one.name, data.get(one.name)
        if value is None:
            continue
        if one.kind == "rows" and one.model:
            for index, row in enumerate(value):
                values |= to_values(one.model, row, f"{path}.{index}.")
        elif one.kind == "group" and one.model:
            values |= to_values(one.model, value, f"{path}.")
        elif one.kind == "files":
            values[path] = [str(each) for each in value]
        elif one.kind == "words":
            values[path] = [", ".join(value)]
        else:
            values[path] = ["true" if value is True else str(value)]
    return values
