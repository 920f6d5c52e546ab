"""What a filled-in form says on pages: values, texts, tables with totals, groups and files."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from backend.kit.fields import FormField, Lookup
from backend.kit.form_values import (
    ChoiceLabel,
    LongText,
    PersonName,
    Shown,
    ShownFiles,
    ShownForm,
    ShownGroup,
    ShownValue,
    as_text,
    money,
    plain,
    shown,
    sum_of,
    total_of,
)
from backend.kit.money import Money
from backend.kit.progress import RowNote

FILE = UUID(int=7)


def eur(amount: str) -> Money:
    """An amount in euros."""
    return Money(amount=Decimal(amount), currency="EUR")


class Kind(StrEnum):
    """A choice."""

    NEW_PART = "new_part"


class Line(BaseModel):
    """A row with a total in money."""

    name: str
    quantity: int
    price: Annotated[Decimal, FormField(widget="money")]

    @property
    def total(self) -> Decimal:
        """Quantity by price."""
        return self.quantity * self.price


class Trip(BaseModel):
    """A row that needs more room than a line, without a total."""

    to: str
    tickets: Annotated[list[UUID], FormField(widget="files")] = []


class Hours(BaseModel):
    """A row whose total is no money."""

    total_hours: int

    @property
    def total(self) -> int:
        """The hours."""
        return self.total_hours


class Contact(BaseModel):
    """A group."""

    city: str = ""
    fee: Annotated[Decimal | None, FormField(widget="money")] = None


class Request(BaseModel):
    """A form with everything in it."""

    title: str
    unit: Annotated[Literal["EUR", "USD"], FormField(widget="currency")] = "USD"
    limit: Annotated[Decimal | None, FormField(widget="money")] = None
    deposit: Money | None = None
    kind: Kind = Kind.NEW_PART
    urgent: bool = False
    needed: date | None = None
    tags: list[str] = []
    kinds: list[Kind] = []
    boss: Annotated[str, FormField(lookup=Lookup.MANAGERS)] = ""
    centre: Annotated[str, FormField(lookup=Lookup.COST_CENTRES)] = ""
    reason: Annotated[str, FormField(widget="long", markdown=True)] = ""
    lines: list[Line] = []
    trips: list[Trip] = []
    contact: Contact = Contact()
    files: Annotated[list[UUID], FormField(widget="files")] = []


FULL = Request(
    title="Desks",
    limit=Decimal(9),
    deposit=eur("5"),
    urgent=True,
    needed=date(2026, 12, 1),
    tags=["a", "b"],
    kinds=[Kind.NEW_PART],
    boss="mona",
    centre="4200",
    reason="Because",
    lines=[Line(name="Desk", quantity=2, price=Decimal("1.50")), Line(name="Lamp", quantity=1, price=Decimal(1))],
    trips=[Trip(to="Graz", tickets=[FILE])],
    contact=Contact(city="Wien", fee=Decimal(3)),
    files=[FILE],
)


def usd(amount: str) -> Money:
    """An amount in dollars, the currency of the form."""
    return Money(amount=Decimal(amount), currency="USD")


def test_a_full_form_says_every_value_in_its_order() -> None:
    found = shown(FULL)
    assert {each.label: each.value for each in found.values} == {
        "Title": "Desks",
        "Unit": "USD",
        "Limit": usd("9"),
        "Deposit": eur("5"),
        "Kind": "New part",
        "Urgent": True,
        "Needed": date(2026, 12, 1),
        "Tags": ["a", "b"],
        "Kinds": ["New part"],
        "Boss": "mona",
        "Centre": "4200",
    }
    assert [type(each.value) for each in found.values if each.label in {"Title", "Kind", "Boss", "Centre"}] == [
        str, ChoiceLabel, PersonName, str,
    ]  # fmt: skip
    assert found.texts == [LongText("Reason", "Because", markdown=True)]
    assert found.files == [ShownFiles("Files", (FILE,))]


def test_a_table_says_its_columns_rows_and_totals() -> None:
    lines, trips = shown(FULL).tables
    assert (lines.label, lines.as_cards, lines.total) == ("Lines", False, usd("4.00"))
    assert [column.label for column in lines.columns] == ["Name", "Quantity", "Price"]
    assert [row.values for row in lines.rows] == [("Desk", 2, usd("1.50")), ("Lamp", 1, usd("1"))]
    assert [row.total for row in lines.rows] == [usd("3.00"), usd("1")]
    assert [row.form for row in lines.rows] == [None, None]
    (trip,) = trips.rows
    assert (trips.label, trips.as_cards, trips.total, trip.values, trip.total) == ("Trips", True, None, (), None)
    assert trip.form == ShownForm(values=[ShownValue("To", "Graz")], files=[ShownFiles("Tickets", (FILE,))])


def test_a_group_has_the_currency_of_its_form() -> None:
    (group,) = shown(FULL).groups
    assert (group.label, group.form.values) == ("Contact", [ShownValue("City", "Wien"), ShownValue("Fee", usd("3"))])


def test_what_was_left_empty_is_none_and_an_empty_text_is_a_value() -> None:
    found = shown(Request(title=""))
    given = {"Unit", "Kind", "Urgent"}
    assert {each.label for each in found.values if each.value is not None} == given
    assert ShownValue("Reason", None) in found.values
    assert (found.texts, [table.total for table in found.tables], found.files) == (
        [], [None, None], [ShownFiles("Files", ())],
    )  # fmt: skip


def test_a_form_without_a_currency_takes_the_given_one_or_plain_numbers() -> None:
    line = Line(name="Desk", quantity=2, price=Decimal("1.50"))
    assert shown(line, "EUR").values[-1].value == eur("1.50")
    assert shown(line).values[-1].value == Decimal("1.50")
    assert total_of(line, "EUR") == eur("3.00")
    assert total_of(line, "") == Decimal("3.00")
    assert total_of(Hours(total_hours=4), "EUR") == 4
    assert total_of(Contact(), "EUR") is None


def test_an_amount_keeps_its_own_currency() -> None:
    assert money(eur("1"), "USD") == eur("1")
    assert money(Decimal(1), "USD") == usd("1")
    assert money(Decimal(1), "") == Decimal(1)


@pytest.mark.parametrize(
    ("totals", "whole"),
    [
        ([], None),
        ([None, "text"], None),
        ([Decimal("1.5"), 2], Decimal("3.5")),
        ([eur("1"), eur("2.50")], eur("3.50")),
        ([eur("1"), None], eur("1")),
        ([eur("1"), Money(amount=Decimal(1), currency="CHF")], None),
    ],
)
def test_totals_are_added_up_in_one_currency(totals: list[Shown], whole: Money | Decimal | None) -> None:
    assert sum_of(totals) == whole


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "yes"),
        (False, "no"),
        (["a", "b"], "a, b"),
        (Decimal("1.50"), "1.50"),
        ("a", "a"),
        (0, "0"),
    ],
)
def test_a_value_is_one_line_of_text(value: Shown, text: str) -> None:
    assert as_text(value) == text


def test_a_member_of_an_enum_is_its_value() -> None:
    assert (plain(Kind.NEW_PART), type(plain(Kind.NEW_PART)), plain(3)) == ("new_part", str, 3)


@dataclass(frozen=True)
class Fact:
    """A deciding fact of a process."""

    label: str
    value: str


def test_a_fact_replaces_the_same_value_and_an_empty_one_but_not_another_value() -> None:
    values = [
        ShownValue("Vendor", "Nordwerk"),
        ShownValue("Publish at", None),
        ShownValue("Tags", "news"),
        ShownValue("Title", None),
        ShownValue("Urgent", True),
    ]
    facts = [
        Fact("Vendor", "Nordwerk"),
        Fact("Publish at", "as soon as it is approved"),
        Fact("Tags", "all"),
        Fact("Urgent", "yes"),
    ]
    left = ShownForm(values=values).without(facts)
    assert [(each.label, each.value) for each in left.values] == [("Tags", "news"), ("Title", None)]


def test_a_group_whose_values_are_all_among_the_facts_is_left_out() -> None:
    contact = ShownGroup("Contact", ShownForm(values=[ShownValue("Name", "Cem"), ShownValue("City", "Wien")]))
    facts = [Fact("Contact", "Cem"), Fact("City", "Wien")]
    assert ShownForm(groups=[contact]).without(facts) == ShownForm()
    (left,) = ShownForm(groups=[contact]).without(facts[1:]).groups
    assert left.form.values == [ShownValue("Name", "Cem")]


def test_a_note_is_shown_with_its_row_of_its_table() -> None:
    notes = [RowNote(field="lines", row=1, text="late"), RowNote(field="trips", row=0, text="full")]
    lines, trips = shown(FULL, notes=notes).tables
    assert [[row.note for row in table.rows] for table in (lines, trips)] == [["", "late"], ["full"]]


class Limited(BaseModel):
    """A number and a truth as they are."""

    count: Annotated[int, Field(ge=0)] = 0
    share: float = 0.5


def test_zero_is_a_value() -> None:
    assert [each.value for each in shown(Limited()).values] == [0, 0.5]
