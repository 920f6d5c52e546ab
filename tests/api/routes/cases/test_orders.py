"""Invalid orders get an error at the field, on the page and over REST, and open no case."""

from uuid import uuid4

import httpx2
import pytest

from tests.support.html import page_of, said_in
from tests.support.orders import line, order
from tests.support.web import Visitor

CASES = "/api/v1/processes/order_fulfillment/cases"


async def send(client: httpx2.AsyncClient, form: dict[str, object]) -> httpx2.Response:
    return await client.post(CASES, json=form, headers={"idempotency-key": str(uuid4())})


@pytest.mark.parametrize(
    ("form", "place", "words"),
    [
        (order(line("NONE-1")), "items.0.sku", "Choose “Article” from the list"),
        (order(line(), line(quantity=0)), "items.1.quantity", "Enter 1 or more"),
        (order(line(unit_price="0.00")), "items.0.unit_price", "Enter more than 0"),
        (order(currency="XYZ"), "currency", "Choose from the list"),
        (order(line() | {"unit_price": {"amount": "5.00", "currency": "USD"}}), "items", "Line 1 is not priced in EUR"),
        (order(line() | {"unit_price": {"amount": "5", "currency": "EUR", "x": 1}} | {"quantity": 0}), "items.0", ""),
        (order(*(line(quantity=10_000, unit_price="9999999.99") for _ in range(2))), "items", "below 10 billion"),
        (order() | {"items": []}, "items", "Add at least one line"),
        (order(order_id="A 1<b>"), "order_id", "Enter it like A-1001"),
    ],
)
async def test_a_bad_order_is_told_at_its_field(
    browser_of: Visitor, form: dict[str, object], place: str, words: str
) -> None:
    ann = await browser_of("ann")
    answer = await send(ann, form)
    assert answer.status_code == 422
    found = [e["message"] for e in answer.json()["errors"] if e["pointer"][1:].replace("/", ".").startswith(place)]
    assert found, answer.text
    assert words in found[0]
    assert (await ann.get("/api/v1/cases")).json()["items"] == []


async def test_a_price_may_come_with_the_currency_of_the_order(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    priced = line() | {"unit_price": {"amount": "5.00", "currency": "EUR"}}
    answer = await send(ann, order(priced))
    assert answer.status_code == 202
    reference = answer.json()["reference"]
    case = (await ann.get(f"/api/v1/cases/{reference}")).json()
    assert case["input"]["items"][0]["unit_price"] == "5.00"


async def test_form_page_and_words_fit_an_order(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    page = page_of(await ann.get("/processes/order_fulfillment/start"))
    assert page.has('[name="customer.address"]')
    assert "LAMP-01 Desk lamp" in page.text
    reference = (await send(ann, order())).json()["reference"]
    case = page_of(await ann.get(f"/cases/{reference}"))
    assert "Cancel order" in case.text
    assert "Hafenstraße 3" in case.text
    asked = page_of(await ann.get(f"/cases/{reference}/recall"))
    assert "refunds the payment" in asked.text
    cancelled = await ann.post(f"/cases/{reference}/recall", data={"reason": ""})
    assert cancelled.status_code == 303
    assert "cancelled the order." in said_in(await ann.get(f"/cases/{reference}"))
