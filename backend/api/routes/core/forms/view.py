"""A form as its template draws it: fields with what was typed and their errors, and running totals."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from pydantic import BaseModel

from backend.api.routes.core.forms.decoder import DEEPEST, MOST_ROWS, build, row_count
from backend.api.routes.core.forms.numbers import in_page_language, read_as
from backend.api.routes.core.forms.partial import read_partly
from backend.api.routes.core.forms.values import Values
from backend.database.tables import File
from backend.kit.form_values import total_of
from backend.kit.forms import FieldShape, describe
from backend.kit.money import Money

IN_A_MENU = 12  # choices; of more, one types a part of the name
_PERSONAL = "name|mail|address|street|city|town|zip|postal|phone|mobile|country|compan|organi|birth"
_OF_A_PERSON = re.compile(_PERSONAL, re.IGNORECASE)
MOST_DRAWN = 2 * MOST_ROWS  # lines; a form with more was not typed


@dataclass
class FieldView:
    """One field: its path, what it holds, and what is wrong with it."""

    shape: FieldShape
    path: str
    value: str = ""
    values: Sequence[str] = ()
    errors: Sequence[str] = ()
    choices: Sequence[tuple[str, str]] = ()
    rows: list["RowView"] = field(default_factory=list)
    fields: list["FieldView"] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    focused: bool = False
    suggestions: Sequence[str] = ()

    @property
    def is_searched(self) -> bool:
        """Whether one types to find a choice, because there are too many for a menu."""
        return bool(self.shape.marker.lookup) and len(self.choices) > IN_A_MENU

    @property
    def is_markdown(self) -> bool:
        """Whether it holds a long text in Markdown."""
        return self.shape.kind == "long" and self.shape.marker.markdown

    @property
    def chosen(self) -> str:
        """The words for what is chosen, if they say more."""
        words = dict(self.choices).get(self.value, "")
        return words if words != self.value else ""

    @property
    def error(self) -> str:
        """The first of its errors; empty if there is none."""
        return next(iter(self.errors), "")

    @property
    def id(self) -> str:
        """The id of its element."""
        return f"f-{self.path.replace('.', '-')}"

    @property
    def example(self) -> str:
        """The example, as one would type it on this page."""
        return in_page_language(self.shape, self.shape.example)

    @property
    def autocomplete(self) -> str:
        """What a browser may fill in: nothing, for a form is about others.

        Chrome ignores `off` where a name looks like one of an address, and fills in nothing for a word that it does
        not know; the others go by the `off` of the form then.
        """
        return "none" if _OF_A_PERSON.search(f"{self.shape.name} {self.shape.label}") else "off"

    @property
    def understood(self) -> str:
        """The number as it was read, where it was typed in another way; empty for anything else."""
        return read_as(self.shape, self.value) if self.value and not self.error else ""

    @property
    def total(self) -> Decimal | None:
        """The sum of the rows that have a total; None if none has."""
        known = [row.total for row in self.rows if row.total is not None]
        return sum(known, Decimal()) if known else None

    @property
    def left_out(self) -> list[str]:
        """The numbers of the lines that the running total leaves out; none as long as there is no total."""
        left_out = [str(number) for number, row in enumerate(self.rows, start=1) if row.total is None]
        return left_out if self.total is not None else []


@dataclass
class RowView:
    """One row of a repeatable field; `total` is what it comes to, None as long as it is not known."""

    path: str
    fields: list[FieldView]
    total: Decimal | None
    has_total: bool

    @property
    def id(self) -> str:
        """The id of its total."""
        return f"t-{self.path.replace('.', '-')}"


@dataclass
class Section:
    """A panel of the form."""

    title: str
    fields: list[FieldView]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field, for the summary.

    `target` is the id of its element; empty for a field that the form does not show, which `label` then names by its
    path. `line` says in which row it is: what the row holds, or its number.
    """

    target: str
    label: str
    text: str
    line: str | int = ""


@dataclass
class FormView:
    """The whole form; `currency` is that of its amounts, empty if it names none."""

    sections: list[Section]
    problems: list[Problem]
    currency: str = ""
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def tables(self) -> list[FieldView]:
        """The tables in it whose lines have totals."""
        views = _all(view for section in self.sections for view in section.fields)
        return [view for view in views if not view.shape.as_cards and any(row.has_total for row in view.rows)]


@dataclass(frozen=True)
class _Filled:
    """What a form is drawn with."""

    values: Values
    errors: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]
    files: Mapping[str, File]
    suggestions: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def errors_at(self, one: FieldShape, path: str) -> list[str]:
        """What is wrong with this field, and with each of the values that it holds."""
        inside = one.kind in {"files", "words", "choices"}
        within = self.errors_within.get(path, []) if inside else []
        return list(dict.fromkeys([*filter(None, [self.errors.get(path)]), *within]))

    @cached_property
    def errors_within(self) -> dict[str, list[str]]:
        """What is wrong within a field, by the path of the field: collected once for all fields."""
        found: dict[str, list[str]] = {}
        for place, text in self.errors.items():
            parts = place.split(".")[:DEEPEST]
            for depth in range(1, len(parts)):
                found.setdefault(".".join(parts[:depth]), []).append(text)
        return found


def form_view(
    model: type[BaseModel],
    values: Values,
    errors: Mapping[str, str],
    choices: Mapping[str, Mapping[str, str]],
    files: Sequence[File] = (),
    focus: str = "",
    suggestions: Mapping[str, Sequence[str]] | None = None,
) -> FormView:
    """Draw the form with these values, exactly as they were typed; the first field at `focus` gets the focus."""
    filled = _Filled(values, errors, choices, {str(file.id): file for file in files}, suggestions or {})
    sections: list[Section] = []
    for one in describe(model).fields:
        if one.marker.section or not sections:
            sections.append(Section(one.marker.section, []))
        sections[-1].fields.append(_field(one, one.name, filled))
    for view in _all(view for section in sections for view in section.fields):
        if focus and not view.fields and not view.rows and f"{view.path}.".startswith(f"{focus}."):
            view.focused = True
            break
    searched = {name: words for name, words in choices.items() if len(words) > IN_A_MENU}
    return FormView(sections, _problems(sections, errors), _currency(model, values), searched)


def _currency(model: type[BaseModel], values: Values) -> str:
    one = describe(model).field(describe(model).currency)
    typed = next(iter(values.get(one.name, ())), one.default) if one else ""
    return typed.strip()[:3]


def _field(one: FieldShape, path: str, filled: _Filled) -> FieldView:
    if one.marker.lookup and one.marker.lookup not in filled.choices:
        one = replace(one, kind="text")
    given = filled.values.get(path, [in_page_language(one, one.default)])
    view = FieldView(
        shape=one,
        path=path,
        value=given[0] if given else "",
        values=given,
        errors=filled.errors_at(one, path),
        choices=list(filled.choices.get(one.marker.lookup, {}).items()) or one.choices,
        files=[filled.files[each] for each in given if each in filled.files] if one.kind == "files" else [],
        suggestions=filled.suggestions.get(path, ()),
    )
    if one.model and one.kind == "rows":
        count = min(max(row_count(path, filled.values), 1), MOST_DRAWN)
        view.rows = [_row(one.model, f"{path}.{index}", filled) for index in range(count)]
    if one.model and one.kind == "group":
        view.fields = _fields(one.model, path, filled)
    return view


def _fields(model: type[BaseModel], path: str, filled: _Filled) -> list[FieldView]:
    return [_field(each, f"{path}.{each.name}", filled) for each in describe(model).fields]


def _row(model: type[BaseModel], path: str, filled: _Filled) -> RowView:
    return RowView(path, _fields(model, path, filled), _row_total(model, path, filled), describe(model).has_total)


def _row_total(model: type[BaseModel], path: str, filled: _Filled) -> Decimal | None:
    """What this row comes to, as far as it is filled in."""
    if not describe(model).has_total:
        return None
    row = read_partly(model, build(model, f"{path}.", filled.values, set(), {}))
    total = total_of(row, "") if row is not None else None
    return total.amount if isinstance(total, Money) else total


def _problems(sections: list[Section], errors: Mapping[str, str]) -> list[Problem]:
    """The summary: each error with the element it links to, in the order of the form."""
    found: list[Problem] = []
    for section in sections:
        for view in section.fields:
            found += _problems_of(view)
    shown = {text for section in sections for view in _all(section.fields) for text in view.errors}
    found += [Problem("", place, text) for place, text in errors.items() if text not in shown]
    return found


def _all(views: Iterable[FieldView]) -> Iterator[FieldView]:
    for view in views:
        yield view
        yield from _all(view.fields)
        yield from _all(cell for row in view.rows for cell in row.fields)


def _problems_of(view: FieldView, line: str | int = "") -> list[Problem]:
    found = [Problem(view.id, view.shape.label, text, line) for text in view.errors]
    for number, row in enumerate(view.rows, start=1):
        name = next((cell.value for cell in row.fields if cell.value), "") or number
        for cell in row.fields:
            found += _problems_of(cell, name)
    for each in view.fields:
        found += _problems_of(each)
    return found
