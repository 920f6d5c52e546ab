"""The form that a model makes: kinds, labels, choices, decimal places and paths."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, create_model

from backend.kit.fields import FormField, Lookup
from backend.kit.forms import (
    FieldShape,
    as_typed,
    describe,
    field_at,
    files_in,
    people_named,
    walk,
    without_files,
)

FIRST, SECOND = UUID(int=1), UUID(int=2)


class Colour(StrEnum):
    """A choice."""

    DARK_RED = "dark_red"
    BLUE = "blue"


class Line(BaseModel):
    """A row with a total."""

    price: Annotated[Decimal, FormField(widget="money")]
    receipts: Annotated[list[UUID], FormField(widget="files")] = []

    @property
    def total(self) -> Decimal:
        """Its price."""
        return self.price


class Address(BaseModel):
    """A group."""

    city: str = ""
    manager: Annotated[str, FormField(lookup=Lookup.MANAGERS)] = ""


class Order(BaseModel):
    """A form with everything in it."""

    title: str
    currency: Annotated[str, FormField(widget="currency")] = "EUR"
    lines: list[Line] = []
    address: Address = Address()
    boss: Annotated[str, FormField(lookup=Lookup.MANAGERS)] = ""
    cost_centre: Annotated[str, FormField(lookup=Lookup.COST_CENTRES)] = ""
    files: Annotated[list[UUID], FormField(widget="files")] = []


def only_field(annotation: Any, default: Any = ...) -> FieldShape:
    """The shape of a field with this type."""
    (found,) = describe(create_model("Made", made_up=(annotation, default))).fields
    return found


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (str, "text"),
        (str | None, "text"),
        (Annotated[str, Field(max_length=3)] | None, "text"),
        (UUID, "text"),
        (Annotated[str, FormField(widget="long")], "long"),
        (Annotated[str, FormField(widget="long")] | None, "long"),
        (Annotated[str, FormField(widget="currency")], "text"),
        (int, "number"),
        (float, "number"),
        (Decimal, "number"),
        (Annotated[Decimal, FormField(widget="money")], "money"),
        (date, "date"),
        (datetime | None, "moment"),
        (bool, "yes_no"),
        (bool | None, "choice"),
        (Annotated[bool, Field(title="Sure")], "yes_no"),
        (Literal["a", "b"], "choice"),
        (Colour, "choice"),
        (Colour | None, "choice"),
        (list[Colour], "choices"),
        (list[Literal["a"]], "choices"),
        (Annotated[str, FormField(lookup=Lookup.STOCK)], "choice"),
        (list[str], "words"),
        (list[Annotated[str, Field(max_length=3)]], "words"),
        (list[int], "unknown"),
        (list, "unknown"),
        (int | str, "unknown"),
        (Mapping, "unknown"),
        (Annotated[list[UUID], FormField(widget="files")], "files"),
        (list[Line], "rows"),
        (list[Line] | None, "rows"),
        (Line, "group"),
        (Line | None, "group"),
    ],
)
def test_the_type_says_what_a_field_holds(annotation: Any, kind: str) -> None:
    assert only_field(annotation).kind == kind


@pytest.mark.parametrize(
    ("annotation", "choices", "values"),
    [
        (str, (), {}),
        (bool, (), {}),
        (bool | None, (("true", "yes"), ("false", "no")), {"true": True, "false": False}),
        (Colour, (("dark_red", "Dark red"), ("blue", "Blue")), {"dark_red": "dark_red", "blue": "blue"}),
        (list[Colour], (("dark_red", "Dark red"), ("blue", "Blue")), {"dark_red": "dark_red", "blue": "blue"}),
        (Literal[1, "two_parts"], (("1", "1"), ("two_parts", "two_parts")), {"1": 1, "two_parts": "two_parts"}),
        (
            Annotated[Literal["a", "b"], FormField(labels={"a": "First"})],
            (("a", "First"), ("b", "b")),
            {"a": "a", "b": "b"},
        ),
        (
            Annotated[bool | None, FormField(labels={"true": "Sure"})],
            (("true", "Sure"), ("false", "no")),
            {"true": True, "false": False},
        ),
    ],
)  # fmt: skip
def test_a_choice_has_its_values_and_their_words(
    annotation: Any, choices: tuple[tuple[str, str], ...], values: dict[str, Any]
) -> None:
    found = only_field(annotation)
    assert (found.choices, found.values) == (choices, values)


def test_a_value_is_shown_by_its_word() -> None:
    colour = only_field(Colour)
    assert [colour.label_of(each) for each in (Colour.DARK_RED, "blue", "green")] == ["Dark red", "Blue", "green"]


@pytest.mark.parametrize(
    ("annotation", "places"),
    [
        (int, 0),
        (int | None, 0),
        (Decimal, None),
        (Annotated[Decimal, Field(decimal_places=2)], 2),
        (Annotated[Decimal, Field(ge=0), Field(decimal_places=3)], 3),
        (Annotated[Decimal, Field(decimal_places=2)] | None, 2),
    ],
)
def test_decimal_places_come_from_the_type(annotation: Any, places: int | None) -> None:
    assert only_field(annotation).places == places


def test_words_and_limits_of_a_field() -> None:
    named = only_field(
        Annotated[str, Field(title="Job title", description="As on the door", examples=["Clerk", "Head"])], "Nobody"
    )
    assert (named.label, named.help, named.example, named.default) == ("Job title", "As on the door", "Clerk", "Nobody")
    bare = only_field(str)
    assert (bare.name, bare.label, bare.help, bare.example, bare.default, bare.most) == (
        "made_up", "Made up", "", "", "", 0,
    )  # fmt: skip
    listed = only_field(Annotated[list[str], Field(max_length=7, examples=[["one", 2]])])
    assert (listed.most, listed.example) == (7, "one\n2")
    assert only_field(Annotated[str, Field(min_length=1), Field(max_length=9)]).most == 9


@pytest.mark.parametrize(
    ("annotation", "default", "required"),
    [(str, ..., True), (str, "", False), (bool, ..., False), (bool | None, ..., False), (bool | None, None, False)],
)
def test_a_field_is_required_unless_it_has_a_default_or_can_stay_unanswered(
    annotation: Any, default: Any, *, required: bool
) -> None:
    assert only_field(annotation, default).required is required


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("A b", "A b"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (1e-7, "0.0000001"),
        (Colour.BLUE, "blue"),
        (Enum("Size", {"LARGE": 4}).LARGE, "4"),
        (date(2026, 1, 2), "2026-01-02"),
    ],
)
def test_a_value_is_typed_without_exponents(value: object, typed: str) -> None:
    assert as_typed(value) == typed


@pytest.mark.parametrize(
    ("default", "typed"), [("a", "a"), (2, "2"), (Decimal("1E1"), "10"), (Colour.BLUE, "blue"), (None, ""), ([], "")]
)
def test_a_form_is_filled_with_defaults_that_can_be_typed(default: object, typed: str) -> None:
    assert only_field(Any, default).default == typed


def test_a_form_knows_its_currency_totals_and_lists() -> None:
    order, line, address = describe(Order), describe(Line), describe(Address)
    assert [shape.currency for shape in (order, line)] == ["currency", ""]
    assert [shape.has_total for shape in (order, line)] == [False, True]
    assert [shape.counts_money for shape in (order, line)] == [False, True]
    assert order.lookups() == {"managers", "cost_centres"}
    assert address.lookups() == {"managers"}
    assert [each.name for each in order.fields if each.is_person] == ["boss"]
    assert order.field("title") is order.fields[0]
    assert order.field("nothing") is None


def test_rows_that_hold_files_rows_or_groups_are_drawn_as_cards() -> None:
    assert only_field(list[Line]).as_cards
    assert only_field(list[Order]).as_cards
    assert not only_field(list[Address]).as_cards
    assert not only_field(str).as_cards


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("title", "title"),
        ("lines", "lines"),
        ("lines.0.price", "price"),
        ("lines.12", "lines"),
        ("address.city", "city"),
        ("nothing", None),
        ("lines.0.nothing", None),
        ("address.nothing.city", None),
        ("title.0.city", "title"),
    ],
)
def test_a_path_leads_to_its_field(path: str, name: str | None) -> None:
    found = field_at(Order, path)
    assert (found and found.name) == name


def test_everything_given_is_walked_with_its_path() -> None:
    given = {"title": "A", "lines": [{"price": 1}, "no row"], "address": {"city": "Graz"}, "extra": 1}
    walked = [(path, value) for path, _, value in walk(Order, given) if value is not None]
    assert walked == [
        ("title", "A"),
        ("lines", given["lines"]),
        ("lines.0.price", 1),
        ("address", given["address"]),
        ("address.city", "Graz"),
    ]


def test_files_and_people_are_found_at_every_depth() -> None:
    order = Order(
        title="A",
        lines=[Line(price=Decimal(1)), Line(price=Decimal(1), receipts=[FIRST])],
        files=[SECOND],
        boss="mona",
        address=Address(manager="fay"),
    )
    assert files_in(order) == {"lines.1.receipts.0": FIRST, "files.0": SECOND}
    assert people_named(order) == {"mona", "fay"}
    assert people_named(Order(title="mona")) == set()


def test_a_copy_for_a_new_form_has_no_files() -> None:
    line = {"price": "1", "receipts": [str(FIRST)]}
    copied = without_files(Order, {"title": "A", "lines": [line], "address": {"city": "Graz"}, "files": [str(FIRST)]})
    assert copied == {
        "title": "A",
        "currency": None,
        "lines": [{"price": "1"}],
        "address": {"city": "Graz", "manager": None},
        "boss": None,
        "cost_centre": None,
    }
    assert without_files(Order, {"lines": "none", "address": 3})["lines"] == "none"
