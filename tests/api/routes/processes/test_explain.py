"""Page, start form and REST explain who would have to approve before a case is opened."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from backend.database.engine import Database
from backend.database.tables import Approval, Case, Notification
from tests.support.articles import article
from tests.support.html import page_of, said_in
from tests.support.orders import order
from tests.support.purchases import purchase
from tests.support.web import Visitor

EXPLAIN = "/api/v1/approvals/policy/explain"
PAGE = "/approvals/policy/explain"
VIENNA = ZoneInfo("Europe/Vienna")
SATURDAY = 5


@pytest.mark.parametrize(
    ("total", "levels"),
    [
        ("999.99", [("manager", 1, ["mona"])]),
        ("1000.00", [("manager", 1, ["mona"]), ("finance", 1, ["fay", "finn"])]),
        ("10000.00", [("manager", 1, ["mona"]), ("finance", 2, ["fay", "finn"])]),
    ],
)
async def test_the_levels_follow_the_amount(
    program_of: Visitor, total: str, levels: list[tuple[str, int, list[str]]]
) -> None:
    ann = await program_of("ann")
    answer = await ann.get(EXPLAIN, params={"process": "purchase_approval", "input": json.dumps(purchase(total))})
    assert answer.status_code == 200, answer.text
    found = [(each["step"], each["needed"], each["may_answer"]) for each in answer.json()["steps"]]
    assert found == levels


@pytest.mark.parametrize(
    ("process", "who", "form"),
    [
        ("purchase_approval", "ann", purchase("10000.00")),
        ("article_publication", "edda", article()),
    ],
)
async def test_deadlines_fall_on_working_days(
    program_of: Visitor, process: str, who: str, form: dict[str, Any]
) -> None:
    client = await program_of(who)
    answer = await client.post(EXPLAIN, json={"process": process, "input": form})
    assert answer.status_code == 200, answer.text
    steps = answer.json()["steps"]
    assert steps
    for step in steps:
        assert step["working_time"]
        for moment in (step["due_at"], step["expires_at"]):
            assert datetime.fromisoformat(moment).astimezone(VIENNA).weekday() < SATURDAY


async def test_an_input_in_the_address_field_by_field_or_as_body_says_the_same(program_of: Visitor) -> None:
    ann = await program_of("ann")
    form = purchase("4800.00")
    flat = {name: value for name, value in form.items() if isinstance(value, str)}
    flat |= {f"items.0.{name}": str(value) for name, value in form["items"][0].items()}
    answers = [
        await ann.get(EXPLAIN, params={"process": "purchase_approval", "input": json.dumps(form)}),
        await ann.get(EXPLAIN, params={"process": "purchase_approval", **flat}),
        await ann.post(EXPLAIN, json={"process": "purchase_approval", "input": form}),
    ]
    rules = [[step["rule"] for step in answer.json()["steps"]] for answer in answers]
    assert rules == [["Mona Lind must approve.", "Fay Nowak or Finn Aalto must approve."]] * 3


async def test_it_tells_who_is_left_out_and_why_and_when_what_happens(program_of: Visitor) -> None:
    finn = await program_of("finn")
    steps = (await finn.post(EXPLAIN, json={"process": "purchase_approval", "input": purchase("10000.00")})).json()
    manager, finance = steps["steps"]
    assert manager["found_as"] == "the manager of Finn Aalto"
    assert finance["left_out"] == [{"name": "Finn Aalto", "why": "is the requester"}]
    assert (finance["rule"], finance["needed"]) == ("2 people must approve, but only Fay Nowak can decide.", 2)
    assert finance["impossible"] == "Finance: 2 more approvals are needed, but only Fay Nowak can decide."
    moments = [manager["reminders"][0], manager["escalations"][0]["at"], manager["expires_at"]]
    assert moments == sorted(moments)
    assert manager["escalations"][0]["who"] == "Mona Lind"
    assert manager["at_deadline"] == "expire"


async def test_a_policy_that_cannot_come_to_a_yes_says_so_before_it_starts(program_of: Visitor) -> None:
    root = await program_of("root")
    found = await root.post(EXPLAIN, json={"process": "purchase_approval", "input": purchase()})
    assert found.json()["steps"][0]["impossible"] == "Manager: nobody is left who can decide."


async def test_only_who_operates_the_process_asks_for_somebody_else(program_of: Visitor) -> None:
    root, ann = await program_of("root"), await program_of("ann")
    body = {"process": "purchase_approval", "input": purchase(), "requester": "olga"}
    assert (await root.post(EXPLAIN, json=body)).json()["requester"] == "Olga Petrov"
    refused = await ann.post(EXPLAIN, json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    unknown = await root.post(EXPLAIN, json={**body, "requester": "zoe"})
    assert unknown.status_code == 404


async def test_a_wrong_input_is_told_like_everywhere(program_of: Visitor) -> None:
    ann, eve = await program_of("ann"), await program_of("eve")
    wrong = await ann.post(EXPLAIN, json={"process": "purchase_approval", "input": purchase("-1")})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/items/0/unit_price")
    nonsense = await ann.get(EXPLAIN, params={"process": "purchase_approval", "input": "[["})
    assert nonsense.status_code == 422
    assert (await ann.get(EXPLAIN, params={"process": "nothing"})).status_code == 404
    not_hers = await eve.post(EXPLAIN, json={"process": "purchase_approval", "input": purchase()})
    assert not_hers.status_code == 403


async def test_the_start_form_follows_what_is_typed_while_texts_are_missing(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    typed = {"items.0.quantity": "3", "items.0.unit_price": "4,000.00", "title": "", "csrf_token": "x"}
    panel = await ann.post("/processes/purchase_approval/explain", data=typed)
    assert panel.status_code == 200
    assert "Fay Nowak and Finn Aalto must approve." in said_in(panel)
    assert panel.text.lstrip().startswith("<section"), "a part, not a page"
    nothing = await ann.post("/processes/purchase_approval/explain", data={"title": "Desks"})
    assert "Fill in more fields to see the approvers" in said_in(nothing)


async def test_the_start_form_warns_of_a_budget_that_does_not_cover_it(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    typed = {"items.0.quantity": "1", "items.0.unit_price": "900", "currency": "EUR", "cost_centre": "9900"}
    form = page_of(await ann.get("/processes/purchase_approval/start")).one("main form[id=sheet]").fields
    for answer in (
        await ann.post("/processes/purchase_approval/explain", data=typed),
        await ann.post("/processes/purchase_approval/start", data=form | typed | {"refresh": "1"}),
    ):
        panel = page_of(answer).one("#who").text
        assert "The budget does not cover this request" in panel
        assert "EUR 900.00 is requested, and EUR 0.00 is left." in panel
    enough = said_in(await ann.post("/processes/purchase_approval/explain", data=typed | {"cost_centre": "4200"}))
    assert ("4200 Logistics" in enough, "does not cover" in enough) == (True, False)


async def test_the_start_form_warns_of_an_order_number_that_another_case_has(
    browser_of: Visitor, program_of: Visitor
) -> None:
    ann, program, number = await browser_of("ann"), await program_of("ann"), f"B-{uuid4().hex[:8]}"
    place, headers = "/api/v1/processes/order_fulfillment/cases", {"idempotency-key": number}
    first = (await program.post(place, json=order(order_id=number), headers=headers)).json()["reference"]
    live = "/processes/order_fulfillment/explain"
    warning = f"{first} already has this value: “{number}”."
    assert warning in said_in(await ann.post(live, data={"order_id": number}))
    assert "already has this value" not in said_in(await ann.post(live, data={"order_id": f"{number}-2"}))
    own = await ann.post(f"{live}?case={first}", data={"order_id": number})
    assert (own.status_code, "already has this value" in said_in(own)) == (200, False)
    assert page_of(own).one("#who")["hx-post"] == f"{live}?case={first}"


async def test_the_page_explains_and_keeps_what_was_typed(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    page = await ann.get(PAGE, params={"process": "purchase_approval", "items.0.quantity": "3", "add": "items"})
    assert page.status_code == 200
    assert [field.held for field in page_of(page).all('[name^="items."][name$=".quantity"]')] == ["3", ""]
    assert "More information is needed" in said_in(page)
    priced = await ann.get(
        PAGE, params={"process": "purchase_approval", "items.0.quantity": "3", "items.0.unit_price": "500"}
    )
    assert "1. Manager: Mona Lind must approve." in said_in(priced)
    assert "2. Finance: Fay Nowak or Finn Aalto must approve." in said_in(priced)
    assert page_of(priced).one("[id=f-items-total]").text == "EUR 1,500.00"
    live = {"hx-request": "true", "hx-request-type": "partial"}
    part = page_of(await ann.get(priced.url.raw_path.decode(), headers=live))
    assert (part.one("#t-items-0").text, part.one("[id=f-items-total]").text) == ("1,500.00", "EUR 1,500.00")


async def test_explaining_starts_nothing_and_tells_nobody(program_of: Visitor, database: Database) -> None:
    ann = await program_of("ann")
    await ann.post(EXPLAIN, json={"process": "purchase_approval", "input": purchase("10000.00")})
    async with database.across_tenants() as session:
        for table in (Case, Approval, Notification):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
