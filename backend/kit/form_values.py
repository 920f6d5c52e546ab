"""What a form says, typed and in its order, as pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from backend.kit.forms import FieldShape, describe
from backend.kit.money import Money
from backend.kit.progress import RowNote


class PersonName(str):
    """The login of a person; pages show the name."""

    __slots__ = ()
    is_person = True


class ChoiceLabel(str):
    """The word for a value of a choice: ours, so pages translate it."""

    __slots__ = ()
    is_label = True


Shown = str | PersonName | ChoiceLabel | Money | Decimal | int | float | bool | date | datetime | list[str] | None


@dataclass(frozen=True)
class ShownValue:
    """One field with its label; None where nothing was given."""

    label: str
    value: Shown


@dataclass(frozen=True)
class LongText:
    """A text that is several paragraphs long, with its label."""

    label: str
    text: str
    markdown: bool


@dataclass(frozen=True)
class ShownFiles:
    """A file field: its label, and the ids of its files."""

    label: str
    ids: tuple[UUID, ...]


@dataclass(frozen=True)
class ShownRow:
    """One row of a table: a value for each column; `form` if its rows need more room than a line.

    `note` is what people should know about it.
    """

    values: tuple[Shown, ...]
    total: Shown
    form: "ShownForm | None" = None
    note: str = ""


@dataclass(frozen=True)
class ShownTable:
    """A table with its columns; `total` adds up its rows, None if they have no totals."""

    label: str
    columns: tuple[FieldShape, ...]
    rows: tuple[ShownRow, ...]
    total: Shown
    as_cards: bool


@dataclass(frozen=True)
class ShownGroup:
    """Fields that belong together, under one heading."""

    label: str
    form: "ShownForm"


@dataclass(frozen=True)
class ShownForm:
    """A whole form, or a part of one."""

    values: list[ShownValue] = field(default_factory=list)
    texts: list[LongText] = field(default_factory=list)
    tables: list[ShownTable] = field(default_factory=list)
    groups: list[ShownGroup] = field(default_factory=list)
    files: list[ShownFiles] = field(default_factory=list)

    def without(self, facts: Sequence[Any], group: str = "") -> "ShownForm":
        """What these facts do not say already, in the same words; a fact also replaces a value of none.

        A fact with the label of a group says one of its values: “Customer” says the name.
        """
        known = {(fact.label, str(fact.value)) for fact in facts}
        labels = {fact.label for fact in facts}
        values = [
            each
            for each in self.values
            if known.isdisjoint({(each.label, as_text(each.value)), (group, as_text(each.value))})
            and not (each.value is None and each.label in labels)
        ]
        groups = [ShownGroup(each.label, each.form.without(facts, each.label)) for each in self.groups]
        return replace(self, values=values, groups=[each for each in groups if each.form != ShownForm()])


def shown(form: BaseModel, currency: str = "", notes: Sequence[RowNote] = ()) -> ShownForm:
    """Everything that a form says. Amounts are in the currency that the form names, or else in this one.

    `notes` are shown with the rows that they are about.
    """
    shape, found = describe(type(form)), ShownForm()
    currency = (shape.currency and str(plain(getattr(form, shape.currency)) or "")) or currency
    for one in shape.fields:
        value = getattr(form, one.name)
        if isinstance(value, Money):
            found.values.append(ShownValue(one.label, value))
        elif one.kind == "group" and isinstance(value, BaseModel):
            found.groups.append(ShownGroup(one.label, shown(value, currency)))
        elif one.kind == "rows":
            found.tables.append(_table(one, value or [], currency, notes))
        elif one.kind == "files":
            found.files.append(ShownFiles(one.label, tuple(UUID(str(each)) for each in value or [])))
        elif one.kind == "long" and value:
            found.texts.append(LongText(one.label, str(value), one.marker.markdown))
        else:
            found.values.append(ShownValue(one.label, _value(one, value, currency)))
    return found


def plain(value: Any) -> Any:
    """The value of an enum member; any other value unchanged."""
    return value.value if isinstance(value, Enum) else value


def _value(one: FieldShape, value: Any, currency: str) -> Shown:
    value = plain(value)
    if value is None or value in ("", []):
        return None
    if isinstance(value, list):
        return [one.label_of(each) for each in value]
    if one.kind == "money":
        return money(value, currency)
    if one.kind == "choice" and not one.marker.lookup:
        return ChoiceLabel(one.label_of(value))
    if isinstance(value, bool | int | float | Decimal | date):
        return value
    return PersonName(value) if one.is_person else str(value)


def money(amount: Decimal | Money, currency: str) -> Money | Decimal:
    """An amount in its currency; without a currency, the plain number."""
    if isinstance(amount, Money) or not currency:
        return amount
    return Money.model_construct(amount=Decimal(amount), currency=currency)


def _table(one: FieldShape, rows: Sequence[BaseModel], currency: str, notes: Sequence[RowNote]) -> ShownTable:
    shape = describe(one.model) if one.model else None
    columns = shape.fields if shape else ()
    noted = {note.row: note.text for note in notes if note.field == one.name}
    plain_rows = (_row(columns, row, currency, as_cards=one.as_cards) for row in rows)
    found = tuple(replace(row, note=noted.get(number, "")) for number, row in enumerate(plain_rows))
    return ShownTable(one.label, columns, found, sum_of([row.total for row in found]), one.as_cards)


def _row(columns: Sequence[FieldShape], row: BaseModel, currency: str, *, as_cards: bool) -> ShownRow:
    total = total_of(row, currency)
    if as_cards:
        return ShownRow((), total, shown(row, currency))
    return ShownRow(tuple(_value(one, getattr(row, one.name), currency) for one in columns), total)


def total_of(row: BaseModel, currency: str) -> Money | Decimal | None:
    """What one row comes to; None if its model has no total."""
    shape = describe(type(row))
    if not shape.has_total:
        return None
    total: Money | Decimal = row.total  # type: ignore[attr-defined]
    return money(total, currency) if shape.counts_money else total


def sum_of(totals: Sequence[Shown]) -> Money | Decimal | None:
    """All totals together; None if there are none, or if they are in several currencies."""
    amounts = [each for each in totals if isinstance(each, Money)]
    if amounts:
        currencies = {each.currency for each in amounts}
        whole = sum((each.amount for each in amounts), Decimal())
        return money(whole, currencies.pop()) if len(currencies) == 1 else None
    numbers = [Decimal(each) for each in totals if isinstance(each, Decimal | int)]
    return sum(numbers, Decimal()) if numbers else None


def as_text(value: Shown) -> str:
    """A value as one line of plain text."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)
