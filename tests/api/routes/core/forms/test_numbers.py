"""Amounts in German forms have a decimal comma and stay the same in drafts and when the language changes."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.forms.numbers import respelled
from backend.api.routes.core.forms.rows import flat
from backend.api.routes.core.forms.values import to_values
from backend.api.routes.core.forms.view import form_view
from backend.database.engine import Database
from backend.i18n.language import CHOICES, Language, speaking
from backend.kit.fields import FormContext, FormField
from backend.kit.money import Amount
from tests.api.routes.core.forms.test_forms import START, beside, filled, my_cases
from tests.support.approvals import asked_about
from tests.support.html import page_of, said_in
from tests.support.web import Visitor

GERMAN = {"accept-language": "de"}
PRICE = "items.0.unit_price"
QUANTITY = "items.0.quantity"


class Line(BaseModel):
    """A row with numbers of both kinds."""

    price: Annotated[Amount, FormField(widget="money")]
    share: Decimal


class Numbers(BaseModel):
    """Numbers at every depth, and text that looks like a number."""

    limit: Decimal
    code: str
    lines: list[Line]


AMOUNTS = st.decimals(0, 10**9, places=2)
NUMBERS = st.builds(
    Numbers,
    limit=st.decimals(-(10**9), 10**9, places=3),
    code=st.just("1.234"),
    lines=st.lists(st.builds(Line, price=AMOUNTS, share=AMOUNTS), min_size=1, max_size=3),
)
CONTEXT = FormContext(today=date(2026, 1, 1), choices={})


@given(form=NUMBERS, drawn=st.sampled_from(list(CHOICES)), shown=st.sampled_from(list(CHOICES)))
def test_what_a_form_draws_it_reads_as_the_same_in_any_language(
    form: Numbers, drawn: Language, shown: Language
) -> None:
    with speaking(drawn):
        values = to_values(Numbers, form.model_dump(mode="json"))
        assert decode(Numbers, flat(values), CONTEXT).form == form
    with speaking(shown):
        again = respelled(Numbers, {**values, "typed_in": [str(drawn)]})
        assert decode(Numbers, flat(again), CONTEXT).form == form
        assert form_view(Numbers, again, {}, {}).sections[0].fields[1].value == "1.234"


async def test_a_german_form_takes_a_comma_and_shows_it_again(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    form = {**await filled(ann), PRICE: "1.234,50", "typed_in": "de", "cost_center": "", "justification": ""}
    refused = await ann.post(START, data=form, headers=GERMAN)
    page = page_of(refused)
    assert refused.status_code == 422
    assert page.one(f'[name="{PRICE}"]').held == "1.234,50"
    assert page.one("main [name=typed_in]").held == "de"
    form = {**await filled(ann), PRICE: "1.234,50", "items.0.quantity": "2", "typed_in": "de"}
    sent = await ann.post(START, data=form, headers=GERMAN)
    assert sent.status_code == 303
    (case,) = (await ann.get("/api/v1/cases")).json()["items"]
    assert Decimal(case["amount"]["amount"]) == Decimal("2469.00")


@pytest.mark.parametrize(("typed", "typed_in"), [("1.2.3", "de"), ("118.50", "de"), ("1,5", "en"), ("1.2.3", "en")])
async def test_a_number_that_is_none_in_the_language_is_an_error_at_its_field(
    browser_of: Visitor, typed: str, typed_in: str
) -> None:
    ann = await browser_of("ann")
    form = {**await filled(ann), PRICE: typed, "typed_in": typed_in}
    refused = await ann.post(START, data=form, headers={"accept-language": typed_in})
    page = page_of(refused)
    assert refused.status_code == 422
    assert beside(page, PRICE)
    assert page.one(f'[name="{PRICE}"]').held == typed
    assert await my_cases(ann) == []


DOUBTS = {
    ("en", PRICE, "1.500"): "Did you mean 1,500.00 or 1.50?",
    ("en", PRICE, "1.200"): "Did you mean 1,200.00 or 1.20?",
    ("en", PRICE, "12,50"): "Did you mean 12.50?",
    ("en", PRICE, "1.000,50"): "Did you mean 1,000.50?",
    ("en", PRICE, "0,125"): "Enter an amount",
    ("en", PRICE, "12 50"): "Enter an amount",
    ("en", PRICE, "1e3"): "Enter an amount",
    ("en", PRICE, "1_000"): "Enter an amount",
    ("en", PRICE, "１２３"): "Enter an amount",
    ("en", PRICE, "١٢٣"): "Enter an amount",
    ("en", QUANTITY, "1.000"): "Did you mean 1,000 or 1?",
    ("en", QUANTITY, "0,001"): "Enter a whole number",
    ("en", QUANTITY, "1_0"): "Enter a whole number",
    ("de", PRICE, "1,500"): "Meinten Sie 1.500,00 oder 1,50?",
    ("de", PRICE, "1,234.50"): "Meinten Sie 1.234,50?",
    ("de", QUANTITY, "1,000"): "Meinten Sie 1.000 oder 1?",
}


@pytest.mark.parametrize(("language", "field", "typed"), DOUBTS)
async def test_a_number_that_could_be_another_one_is_refused_with_its_readings(
    browser_of: Visitor, language: str, field: str, typed: str
) -> None:
    ann = await browser_of("ann")
    form = {**await filled(ann), field: typed, "typed_in": language}
    refused = await ann.post(START, data=form, headers={"accept-language": language})
    page = page_of(refused)
    assert refused.status_code == 422
    assert DOUBTS[language, field, typed] in beside(page, field)
    assert page.one(f'[name="{field}"]').held == typed
    assert await my_cases(ann) == []


READ = {
    ("en", "1,234"): ("1,234.00", "1234.00"),
    ("en", "1234.5"): ("1,234.50", "1234.50"),
    ("en", "1'234.50"): ("1,234.50", "1234.50"),
    ("en", "1 234"): ("1,234.00", "1234.00"),
    ("de", "1.500"): ("1.500,00", "1500.00"),
    ("de", "12,5"): ("12,50", "12.50"),
    ("de", "1 234,56"): ("1.234,56", "1234.56"),
}


@pytest.mark.parametrize(("language", "typed"), READ)
async def test_what_was_understood_is_shown_before_it_is_sent(browser_of: Visitor, language: str, typed: str) -> None:
    ann, headers = await browser_of("ann"), {"accept-language": language}
    shown, meant = READ[language, typed]
    form = {**await filled(ann), PRICE: typed, QUANTITY: "1", "typed_in": language}
    typed_only = {name: value for name, value in form.items() if name != "send"}
    drawn = page_of(await ann.post(START, data={**typed_only, "refresh": "1"}, headers=headers))
    assert shown in drawn.one('[id="f-items-0-unit_price-read"]').text
    assert "f-items-0-unit_price-read" in drawn.one(f'[name="{PRICE}"]')["aria-describedby"]
    assert (await ann.post(START, data=form, headers=headers)).status_code == 303
    (case,) = (await ann.get("/api/v1/cases")).json()["items"]
    assert case["amount"]["amount"] == meant


async def test_a_decision_asks_which_number_is_meant(database: Database, browser_of: Visitor, limited: None) -> None:
    _, approval = await asked_about(database)
    finn = await browser_of("finn")
    sent = {"decision": "approve", "version": "1", "up_to": "1.500", "typed_in": "en", "note": "For now"}
    refused = await finn.post(f"/approvals/{approval.approval_id}/decision", data=sent)
    assert refused.status_code == 422
    assert "Did you mean 1,500" in beside(page_of(refused), "up_to")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/approvals?amount_from=1.500&typed_in=en", {}),
        ("/approvals?amount_from=1e3", {}),
        (
            "/people/me/substitutes",
            {"person": "fay", "first_day": "2099-01-01", "last_day": "2099-01-02", "up_to": "1.500", "typed_in": "en"},
        ),
    ],
)
async def test_amounts_outside_of_forms_are_read_by_the_same_rule(
    browser_of: Visitor, path: str, data: dict[str, str]
) -> None:
    finn = await browser_of("finn")
    answer = await (finn.post(path, data=data) if data else finn.get(path))
    assert answer.status_code == 422
    wanted = "is not an amount" if "1e3" in path else "Did you mean 1,500.00 or 1.50?"
    assert wanted in said_in(answer)


async def test_a_form_is_read_in_the_language_in_which_it_was_drawn(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    english = {**await filled(ann), PRICE: "1,234.50", "items.0.quantity": "1", "typed_in": "en"}
    assert (await ann.post(START, data=english, headers=GERMAN)).status_code == 303
    (case,) = (await ann.get("/api/v1/cases")).json()["items"]
    assert Decimal(case["amount"]["amount"]) == Decimal("1234.50")


async def test_a_draft_keeps_its_amounts_in_any_language(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    draft = {**await filled(ann), PRICE: "1,234", "typed_in": "en", "keep": "1"}
    del draft["send"]
    kept = (await ann.post(START, data=draft)).headers["location"]
    prices = [
        page_of(await ann.get(kept, headers={"accept-language": tag})).one(f'[name="{PRICE}"]').held
        for tag in ("en", "de")
    ]
    assert prices == ["1,234", "1234"]


async def test_an_address_fills_numbers_in_as_programs_write_them(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    page = page_of(await ann.get(f"{START}?{PRICE}=1234.5", headers=GERMAN))
    assert page.one(f'[name="{PRICE}"]').held == "1234,5"
