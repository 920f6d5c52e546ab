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
from backend.api.routes.core.forms.view import form_view, to_values
from backend.i18n.language import CHOICES, Language, speaking
from backend.kit.fields import FormContext, FormField
from backend.kit.money import Amount
from tests.api.routes.core.forms.test_forms import START, beside, filled, my_cases
from tests.support.html import page_of
from tests.support.web import Visitor

GERMAN = {"accept-language": "de"}
PRICE = "items.0.unit_price"


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
