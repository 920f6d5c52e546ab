"""Any fields that a process declares: form, pages, emails, REST and differences take all of them, by any name."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from backend.api.routes.core.examples import example_of
from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.forms.rows import flat, rearranged
from backend.api.routes.core.forms.values import to_values
from backend.api.routes.core.forms.view import form_view
from backend.api.routes.core.rendering import make_templates
from backend.cases.core.differences import differences
from backend.cases.mailer.emails import EmailContent
from backend.cases.mailer.templates import email_templates
from backend.i18n.sentences import translated
from backend.kit.fields import FormContext
from backend.kit.form_check import IN_A_START_FORM, check_form
from backend.kit.form_validation import validate
from backend.kit.form_values import shown
from backend.kit.forms import FieldShape, describe
from backend.kit.times import day
from tests.support.any_form import any_form
from tests.support.html import Element, page_of

LISTS = {"cost_centres": {"4200": "Logistics", "1000": "Office"}, "managers": {"mona": "Mona Lind", "max": "Max Roth"}}
CONTEXT = FormContext(today=date(2026, 1, 1), choices=LISTS)
TEMPLATES = make_templates()
FORM = TEMPLATES.from_string(
    '{% from "forms/fields.html" import field with context %}'
    '{% from "forms/problems.html" import problems with context %}'
    "{% for section in form.sections %}{% for view in section.fields %}"
    "{{ field(view, currency=form.currency) }}{% endfor %}{% endfor %}"
)
PAGE = TEMPLATES.from_string(
    '{% from "components/form_content.html" import part with context %}{{ part(content, names, 2) }}'
)
CHANGES = TEMPLATES.from_string(
    '{% from "components/differences.html" import differences with context %}{{ differences(changes) }}'
)
EMAILS = email_templates()
SOME = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def filled(draw: st.DrawFn) -> BaseModel:
    """A model and a completed form for it."""
    return draw(draw(any_form()).filled)


@st.composite
def changed(draw: st.DrawFn) -> tuple[BaseModel, BaseModel]:
    """Two versions of one form."""
    form = draw(any_form())
    return draw(form.filled), draw(form.filled)


def drawn(template: Any, **context: Any) -> Element:
    actor = SimpleNamespace(time_zone="UTC")
    return page_of(template.render(actor=actor, url_for=lambda *_, **__: "/", **context))


def json_of(form: BaseModel) -> dict[str, Any]:
    return form.model_dump(mode="json")


def leaves(form: BaseModel) -> Iterator[tuple[FieldShape, Any]]:
    """Every value at every depth, with its field."""
    for one in describe(type(form)).fields:
        value = getattr(form, one.name)
        inside = value if isinstance(value, list) else [value]
        if one.model:
            for each in inside:
                yield from leaves(each)
        else:
            yield one, value


def as_read(one: FieldShape, value: Any) -> list[str]:
    """The text that must be visible for this value."""
    if value is None or value in ("", []):
        return []
    if isinstance(value, list):
        return [" ".join(one.label_of(each).split()) for each in value]
    said: dict[str, Callable[[], str]] = {
        "yes_no": lambda: "Yes" if value else "No",
        "money": lambda: f"{value:,.2f}",
        "moment": lambda: f"{value:%H:%M}",
        "date": lambda: day(value),
    }
    if one.marker.lookup == "managers":
        return [LISTS["managers"][value]]
    text = said[one.kind]() if one.kind in said else one.label_of(value)
    return [" ".join(each.split()) for each in text.splitlines()]


@SOME
@given(filled())
def test_what_rest_accepts_can_be_typed_and_comes_back_the_same(form: BaseModel) -> None:
    model, data = type(form), json_of(form)
    check_form(model, "Process any", IN_A_START_FORM, takes_files=True)
    assert validate(model, data, CONTEXT) == (form, {})
    decoded = decode(model, flat(to_values(model, data)), CONTEXT)
    assert (decoded.errors, decoded.form) == ({}, form)


@SOME
@given(filled())
def test_the_form_holds_every_value_and_is_drawn_empty_and_with_errors_too(form: BaseModel) -> None:
    model = type(form)
    values = to_values(model, json_of(form))
    fields = drawn(FORM, form=form_view(model, values, {}, LISTS)).fields
    for name, typed in values.items():
        if name in fields and len(typed) == 1 and not _is_moment(fields[name]):
            assert fields[name].strip().split() == typed[0].split(), name
    empty = decode(model, [], CONTEXT)
    assert drawn(FORM, form=form_view(model, empty.values, empty.errors, LISTS)).has("input, select, textarea")
    for one in describe(model).fields:
        if one.kind == "rows":
            more = rearranged(model, values, {"add": one.name})
            assert drawn(FORM, form=form_view(model, more, {}, LISTS)).has("button[name=add]")


def _is_moment(value: str) -> bool:
    return "T" in value and value[:4].isdecimal()


@SOME
@given(filled())
def test_the_page_shows_every_value_by_its_type(form: BaseModel) -> None:
    text = drawn(PAGE, content=shown(form, "EUR"), names=LISTS["managers"]).text
    for one, value in leaves(form):
        for words in as_read(one, value):
            assert words in text, one.name


def emailed(form: BaseModel, part: str) -> str:
    """The email that asks for a decision on this form."""
    asked = EmailContent(
        "Headline", [("Reference", "")], "", "/", "Open", form=shown(form, "EUR"), names=LISTS["managers"]
    )
    words = {"subject": "", "name": "", "tenant": "", "note": "", "inbox": "/", "preferences": "/"}
    context = {**words, "language": "en", "time_zone": "UTC", "contents": [asked]}
    return EMAILS.get_template(part).render(context)


@SOME
@given(filled())
def test_an_email_that_asks_for_a_decision_shows_every_value_in_both_parts(form: BaseModel) -> None:
    html, plain = page_of(emailed(form, "email.html")).text, " ".join(emailed(form, "email.txt").split())
    for one, value in leaves(form):
        for words in as_read(one, value):
            assert words in html, one.name
            assert words in plain, one.name


@SOME
@given(filled())
def test_the_schema_of_rest_describes_what_it_takes(form: BaseModel) -> None:
    schema = type(form).model_json_schema(ref_template="#/$defs/{model}")
    jsonschema.validate(json_of(form), schema)
    assert set(example_of(schema, schema.get("$defs", {}))) == set(type(form).model_fields)


@SOME
@given(changed())
def test_differences_name_every_field_that_changed_and_no_other(pair: tuple[BaseModel, BaseModel]) -> None:
    before, after = pair
    model, old, new = type(before), json_of(before), json_of(after)
    found = differences(model, old, new)
    assert differences(model, old, old) == []
    assert all(each.before != each.after for each in found)
    for one in describe(model).fields:
        if one.kind != "rows":
            named = any(each.label == one.label or each.label.startswith(f"{one.label},") for each in found)
            assert named == (old[one.name] != new[one.name]), one.name
    assert bool(found) == (old != new)


@SOME
@given(changed())
def test_the_view_of_differences_shows_what_each_field_was_and_is(pair: tuple[BaseModel, BaseModel]) -> None:
    before, after = pair
    found = differences(type(before), json_of(before), json_of(after))
    page = drawn(CHANGES, changes=found)
    rows = [row.text for row in page.all("tbody tr")]
    assert len(rows) == len(found)
    for change, row in zip(found, rows, strict=True):
        texts = [text for _, text in change.parts] or [change.before, change.after]
        for text in [change.label, *texts]:
            assert "".join(translated(text, "UTC").split()) in "".join(row.split())


def test_a_total_is_added_up_in_the_currency_that_the_form_names() -> None:
    content = shown(describe_order(), "")
    [table] = content.tables
    assert (str(table.total), table.rows[0].values[1]) == ("CHF 30.00", Decimal(2))


def describe_order() -> BaseModel:
    from backend.workflows.order import OrderFulfillment  # noqa: PLC0415 - one test needs it
    from tests.support.orders import line, order  # noqa: PLC0415 - the same

    return OrderFulfillment.model_validate(
        order(line(quantity=2, unit_price="5.00"), line(quantity=4, unit_price="5.00")) | {"currency": "CHF"}
    )
