"""Form fields decode to a model and back: every kind of field, and any input from a browser or an attacker."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.forms.values import to_values
from backend.kit.fields import FormContext, FormField
from backend.kit.money import Amount
from backend.kit.text import single_line

CONTEXT = FormContext(today=date(2026, 1, 1), choices={"cost_centres": {"4200": "Logistics", "1000": "Office"}})
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).map(single_line).filter(bool)


class Speed(StrEnum):
    """How fast."""

    SLOW = "slow"
    FAST = "fast"


class Place(BaseModel):
    """A nested group."""

    street: str = Field(min_length=1)
    floor: int | None = None


class Line(BaseModel):
    """A repeatable row."""

    what: str = Field(min_length=1)
    quantity: int = Field(ge=1)


class Everything(BaseModel):
    """One field of each kind."""

    title: str = Field(min_length=1, max_length=200)
    count: int
    price: Annotated[Amount, FormField(widget="money")]
    day: date
    speed: Speed
    currency: Literal["EUR", "USD"]
    centre: Annotated[str, FormField(lookup="cost_centres")]
    insured: bool = False
    insurer: Annotated[str | None, FormField(when=("insured", "true"))] = None
    note: str | None = None
    place: Place
    lines: list[Line] = Field(min_length=1)


EVERYTHING = st.builds(
    Everything,
    title=TEXT,
    count=st.integers(-(10**9), 10**9),
    price=st.decimals(0, 10**9, places=2),
    day=st.dates(date(2000, 1, 1)),
    speed=st.sampled_from(Speed),
    currency=st.sampled_from(["EUR", "USD"]),
    centre=st.sampled_from(["4200", "1000"]),
    insured=st.just(value=True),
    insurer=st.none() | TEXT,
    note=st.none() | TEXT,
    place=st.builds(Place, street=TEXT, floor=st.none() | st.integers(-5, 200)),
    lines=st.lists(st.builds(Line, what=TEXT, quantity=st.integers(1, 1000)), min_size=1, max_size=5),
)


def pairs(values: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, given in values.items() for value in given]


@given(EVERYTHING)
def test_what_a_model_says_can_be_typed_and_read_back(form: Everything) -> None:
    decoded = decode(Everything, pairs(to_values(Everything, form.model_dump(mode="json"))), CONTEXT)
    assert decoded.errors == {}
    assert decoded.form == form


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=20))
def test_whatever_is_sent_is_kept_and_answered_with_errors_at_places(sent: list[tuple[str, str]]) -> None:
    decoded = decode(Everything, sent, CONTEXT)
    assert decoded.form is None
    assert decoded.errors
    assert all(isinstance(place, str) and text for place, text in decoded.errors.items())


NAMES = st.sampled_from(
    ["title", "lines", "lines.0", "lines.0.what", "lines.99999.what", "place", "place.street.x", "day"]
)


@given(st.lists(st.tuples(NAMES, st.text(max_size=10)), max_size=10))
def test_names_that_almost_fit_break_nothing(sent: list[tuple[str, str]]) -> None:
    assert decode(Everything, sent, CONTEXT).form is None


def sheet(**changes: str) -> list[tuple[str, str]]:
    fields = {
        "title": "Desks", "count": "1", "price": "1,250.50", "day": "2026-02-01", "speed": "fast", "currency": "EUR",
        "centre": "4200", "place.street": "Main", "lines.0.what": "Desk", "lines.0.quantity": "2",
    }  # fmt: skip
    return list((fields | changes).items())


def read(**changes: str) -> Any:
    return decode(Everything, sheet(**changes), CONTEXT)


def test_a_field_that_does_not_count_is_left_out() -> None:
    assert read(insurer="Acme").form.insurer is None
    assert read(insured="true", insurer="Acme").form.insurer == "Acme"


def test_thousands_may_be_typed_as_people_type_them() -> None:
    assert read().form.price == Decimal("1250.50")


def test_all_errors_come_at_once_each_at_its_field() -> None:
    wrong = read(count="x", day="tomorrow", centre="9", **{"lines.0.quantity": "0", "place.street": ""})
    assert set(wrong.errors) == {"count", "day", "centre", "lines.0.quantity", "place.street"}
    assert wrong.values["count"] == ["x"]


def test_rows_that_were_removed_in_the_middle_close_up() -> None:
    decoded = read(**{"lines.7.what": "Lamp", "lines.7.quantity": "1"})
    assert [line.what for line in decoded.form.lines] == ["Desk", "Lamp"]
