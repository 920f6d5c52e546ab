"""Validation of a form: each mistake has its place and says what to do."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model

from backend.kit.fields import FARTHEST, FormContext, FormField, Lookup, from_now, from_today
from backend.kit.form_validation import validate
from backend.kit.money import Money

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CONTEXT = FormContext(today=TODAY, now=NOW, zone="Europe/Vienna", choices={"cost_centres": {"1000": "Office"}})
AMOUNT = Annotated[Decimal, FormField(widget="money"), Field(max_digits=6, decimal_places=2)]
WHOLE = "Enter a whole number, such as 3"
NUMBER = "Enter a number, such as 3"
MONEY = "Enter an amount, such as 118.00"
DAY = "Choose a date, such as 2026-12-24"
MOMENT = "Choose a day and time, such as 2026-12-24 09:00"
INVISIBLE = "Remove the invisible character (U+0000); it cannot be stored"
FROM_THE_LIST = "Choose from the list"
CENTURY = "within the next hundred years"


class Inner(BaseModel):
    """A row or a group."""

    name: str


def mistakes(annotation: Any, data: Mapping[str, Any], default: Any = ...) -> dict[str, str]:
    """What is wrong with a form that has one field of this type."""
    model = create_model("Made", __config__=ConfigDict(extra="forbid"), given=(annotation, default))
    form, errors = validate(model, data, CONTEXT)
    assert (form is None) == bool(errors)
    return errors


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (str, "", "Fill in “Given”"),
        (str, " \u200b", "Fill in “Given”"),
        (Annotated[str, Field(min_length=1)], "", "Fill in “Given”"),
        (Annotated[str, FormField(widget="long")], "", "Fill in “Given”"),
        (Annotated[str, FormField(missing="Say it")], "", "Say it"),
        (str, 3, "Enter text; in JSON, in quotation marks"),
        (str, "a\0b", INVISIBLE),
        (Annotated[str, Field(max_length=1200)], "x" * 1201, "Use at most 1,200 characters"),
        (Annotated[str, Field(pattern="^[A-Z]$")], "1", "Check the format"),
        (Annotated[str, Field(pattern="^[A-Z]$", examples=["B"])], "1", "Enter it like B"),
        (Annotated[str, FormField(lookup=Lookup.COST_CENTRES)], "2000", "Choose “Given” from the list"),
        (Annotated[str, FormField(lookup=Lookup.COST_CENTRES)], 3, FROM_THE_LIST),
        (int, "x", WHOLE),
        (int, "1.5", WHOLE),
        (int, 1.5, WHOLE),
        (int, "1e3", WHOLE),
        (int, True, WHOLE),
        (int, [], WHOLE),
        (float, "x", NUMBER),
        (float, [], NUMBER),
        (Decimal, "x", NUMBER),
        (Decimal, "1_000", NUMBER),
        (Decimal, "1e3", NUMBER),
        (Decimal, False, NUMBER),
        (AMOUNT, "x", MONEY),
        (AMOUNT, [], MONEY),
        (AMOUNT, "NaN", MONEY),
        (AMOUNT, "1.234", "Use at most two decimal places"),
        (AMOUNT, "123456", "This number is too large"),
        (AMOUNT, "1234567.89", "This number is too large"),
        (Annotated[int, Field(gt=2)], 2, "Enter more than 2"),
        (Annotated[int, Field(ge=2)], 1, "Enter 2 or more"),
        (Annotated[int, Field(lt=2)], 2, "Enter less than 2"),
        (Annotated[int, Field(le=2000)], 2001, "Enter 2,000 or less"),
        (date, "x", DAY),
        (date, "2026-1-2", DAY),
        (date, 1796083200, DAY),
        (date, True, DAY),
        (date, "2026-12-01T00:00:00-11:00", DAY),
        (datetime, "x", MOMENT),
        (datetime, 1796083200, MOMENT),
        (bool, "perhaps", "Choose yes or no"),
        (bool, [], "Choose yes or no"),
        (UUID, "x", "There is no such file"),
        (UUID, 3, "There is no such file"),
        (Literal["a"], "b", FROM_THE_LIST),
        (Inner, "x", "Fill in the fields of this group one by one"),
        (list[Inner], "x", "Enter a list of lines"),
        (Annotated[list[UUID], FormField(widget="files")], "x", "Choose from the uploaded files"),
        (Annotated[list[str], Field(max_length=1)], ["a", "b"], "Give at most 1"),
        (Annotated[list[Inner], Field(min_length=1)], [], "Add at least one line to “Given”"),
        (Annotated[list[UUID], FormField(widget="files"), Field(min_length=1)], [], "Attach a file to “Given”"),
    ],
)
def test_a_mistake_says_what_to_do(annotation: Any, value: object, message: str) -> None:
    assert mistakes(annotation, {"given": value}) == {"given": message}


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (str, "Fill in “Given”"),
        (int, "Fill in “Given”"),
        (Literal["a"], "Choose a value for “Given”"),
        (list[Literal["a"]], "Choose a value for “Given”"),
        (date, "Choose a date for “Given”"),
        (datetime, "Choose a day and time for “Given”"),
        (list[Inner], "Add at least one line to “Given”"),
        (Annotated[list[UUID], FormField(widget="files")], "Attach a file to “Given”"),
        (Annotated[date, FormField(missing="When?")], "When?"),
    ],
)
def test_what_is_missing_is_asked_for_by_its_kind(annotation: Any, message: str) -> None:
    assert mistakes(annotation, {}) == {"given": message}


def test_a_field_that_the_form_does_not_have_is_refused() -> None:
    assert mistakes(str, {"given": "a", "else": "b"}) == {"else": "This form has no such field."}


@pytest.mark.parametrize(
    ("annotation", "data", "places"),
    [
        (list[Inner], {"given": [{"name": "a"}, {"name": ""}]}, {"given.1.name": "Fill in “Name”"}),
        (Inner, {"given": {"name": ""}}, {"given.name": "Fill in “Name”"}),
        (Inner, {"given": {}}, {"given.name": "Fill in “Name”"}),
        (list[str], {"given": ["a", " "]}, {"given.1": "Fill in “Given”"}),
        (
            list[Inner],
            {"given": [{"name": "a\0"}]},
            {"given.0.name": INVISIBLE},
        ),
    ],
)
def test_a_mistake_inside_has_the_path_of_its_field(
    annotation: Any, data: dict[str, Any], places: dict[str, str]
) -> None:
    assert mistakes(annotation, data) == places


@pytest.mark.parametrize(
    ("annotation", "value", "kept"),
    [
        (str, "  Möbel\u200b ", "Möbel"),
        (str, "Mo\u0308bel", "Möbel"),
        (int, "-12", -12),
        (int, 12, 12),
        (Decimal, "-1.50", Decimal("-1.50")),
        (AMOUNT, "1234.50", Decimal("1234.50")),
        (date, "2026-12-24", date(2026, 12, 24)),
        (bool, "true", True),
        (Annotated[str, FormField(lookup=Lookup.COST_CENTRES)], "1000", "1000"),
        (Annotated[str, FormField(lookup=Lookup.STOCK)], "not read", "not read"),
        (list[str], [" a ", "b, c"], ["a", "b, c"]),
    ],
)
def test_good_input_is_kept_as_it_was_meant(annotation: Any, value: object, kept: object) -> None:
    model = create_model("Made", given=(annotation, ...))
    form, errors = validate(model, {"given": value}, CONTEXT)
    assert errors == {}
    assert form is not None
    assert form.model_dump() == {"given": kept}


def test_an_optional_text_that_shows_nothing_is_not_given() -> None:
    fields: dict[str, Any] = {"given": (str | None, None), "long": (Annotated[str, FormField(widget="long")], "none")}
    model = create_model("Made", **fields)
    form, errors = validate(model, {"given": " \u2060", "long": "\u00ad"}, CONTEXT)
    assert (form and form.model_dump(), errors) == ({"given": None, "long": "none"}, {})


DATED = Annotated[date, AfterValidator(from_today)]
TIMED = Annotated[datetime, AfterValidator(from_now)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (TODAY, ""),
        (TODAY + FARTHEST, ""),
        (TODAY - timedelta(days=1), "Choose today or a later day"),
        (TODAY + FARTHEST + timedelta(days=1), f"Choose a day {CENTURY}"),
    ],
)
def test_a_day_is_to_come_and_not_in_another_century(value: date, message: str) -> None:
    assert mistakes(DATED, {"given": value.isoformat()}) == ({"given": message} if message else {})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (NOW, ""),
        (NOW + FARTHEST, ""),
        (NOW - timedelta(seconds=1), "Choose a moment that is still to come"),
        (NOW + FARTHEST + timedelta(seconds=1), f"Choose a moment {CENTURY}"),
    ],
)
def test_a_moment_is_to_come_and_not_in_another_century(value: datetime, message: str) -> None:
    assert mistakes(TIMED, {"given": value.isoformat()}) == ({"given": message} if message else {})


def test_a_moment_without_a_zone_is_meant_where_the_person_is() -> None:
    model = create_model("Made", given=(TIMED, ...))
    form, _ = validate(model, {"given": "2026-12-24T09:00"}, CONTEXT)
    assert form is not None
    assert form.model_dump() == {"given": datetime(2026, 12, 24, 8, tzinfo=UTC)}
    elsewhere = model.model_validate({"given": "2020-12-24T09:00"})
    assert elsewhere.model_dump() == {"given": datetime(2020, 12, 24, 9, tzinfo=UTC)}


def test_what_was_accepted_is_judged_by_its_own_day() -> None:
    context = CONTEXT.as_accepted(datetime(2026, 5, 2, tzinfo=UTC))
    assert (context.today, context.now, context.choices, context.zone) == (date(2026, 5, 1), None, {}, "Europe/Vienna")


class Priced(BaseModel):
    """An amount with its currency."""

    price: Annotated[Money, FormField(widget="money")]


@pytest.mark.parametrize("amount", ["1e3", True])
def test_an_amount_with_its_currency_is_plain_too(amount: object) -> None:
    form, errors = validate(Priced, {"price": {"amount": amount, "currency": "EUR"}}, CONTEXT)
    assert (form, errors["price"]) == (None, MONEY)
    form, errors = validate(Priced, {"price": {"amount": "1.50", "currency": "EUR"}}, CONTEXT)
    assert (form and form.model_dump(mode="json"), errors) == ({"price": {"amount": "1.50", "currency": "EUR"}}, {})


def test_text_is_kept_in_one_spelling_at_every_depth_and_long_text_keeps_its_lines() -> None:
    long = Annotated[str, FormField(widget="long")]
    fields: dict[str, Any] = {
        "lines": (list[Inner], ...),
        "group": (Inner, ...),
        "why": (long, ...),
        "kind": (str, ...),
    }
    given = {"lines": [{"name": " a "}], "group": {"name": "b "}, "why": " One\n\nTwo ", "kind": "c\nd"}
    form, errors = validate(create_model("Made", **fields), given, CONTEXT)
    assert errors == {}
    assert form is not None
    kept = {"lines": [{"name": "a"}], "group": {"name": "b"}, "why": "One\n\nTwo", "kind": "c d"}
    assert form.model_dump() == kept


def test_what_is_no_row_and_no_text_is_refused_where_it_stands() -> None:
    assert mistakes(list[Inner], {"given": ["x"]}) == {"given.0": "Fill in the fields of this group one by one"}
    assert mistakes(list[str], {"given": [3]}) == {"given.0": "Enter text; in JSON, in quotation marks"}


def test_a_moment_at_the_end_of_time_is_refused_everywhere() -> None:
    model = create_model("Made", given=(TIMED, ...))
    with pytest.raises(ValidationError, match=f"Choose a moment {CENTURY}"):
        model.model_validate({"given": "9999-12-31T23:59:59-12:00"})
    kept: Any = model.model_validate({"given": "2026-12-24T09:00:00+01:00"})
    assert kept.given.tzinfo is UTC
