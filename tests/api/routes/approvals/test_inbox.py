"""Lists, filters and bulk decisions through pages and REST, with the bulk runner of the relay process."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from backend.cases.inbox.bulk_runner import BulkRunner
from backend.database.engine import Database
from backend.kit.approval import APPROVE, REJECT
from backend.processes import by_key
from tests.support.approvals import asked_about
from tests.support.html import Element, page_of, said_in
from tests.support.purchases import purchase
from tests.support.web import Visitor


class Booking(BaseModel):
    """What finance fills in."""

    period: str


async def three(database: Database) -> list[str]:
    """Three purchases that need approval by finance, by amount."""
    forms = [purchase(total, vendor=vendor) for total, vendor in (("100", "Halden"), ("300", "Nord"), ("200", "Nord"))]
    return [str((await asked_about(database, form))[1].approval_id) for form in forms]


def rows_of(page: Element) -> list[str]:
    """The approvals listed on a page, in order."""
    return [urlsplit(link["href"]).path.removeprefix("/approvals/") for link in page.all("a[data-item]")]


async def test_page_and_program_list_the_same(database: Database, browser_of: Visitor, program_of: Visitor) -> None:
    cheap, dear, middle = await three(database)
    page, program = await browser_of("finn"), await program_of("finn")
    for query, expected in {
        "sort=-amount": [dear, middle, cheap],
        "process=purchase_approval&f.vendor=Nord&sort=amount": [middle, dear],
        "amount_from=150&amount_to=250": [middle],
        "list=unclaimed&due=overdue": [],
        "requester=ann&list=all&sort=-age": [middle, dear, cheap],
    }.items():
        html = page_of(await page.get(f"/approvals?{query}"))
        listed = (await program.get(f"/api/v1/approvals?{query if 'list' in query else query + '&mine=true'}")).json()
        assert rows_of(html) == [item["id"] for item in listed["items"]] == expected, query
        assert (f"{len(expected)} of {len(expected)}" in html.text) is bool(expected)
    first = (await program.get("/api/v1/approvals?mine=true&sort=amount&limit=2")).json()
    assert [Decimal(item["amount"]["amount"]) for item in first["items"]] == [100, 200]
    then = (await program.get(f"/api/v1/approvals?mine=true&sort=amount&limit=2&after={first['next']}")).json()
    assert ([item["id"] for item in then["items"]], then["next"]) == ([dear], None)
    assert then["items"][0]["fields"]["vendor"] == "Nord"


async def test_a_name_means_its_person_and_columns_are_those_of_the_process(
    database: Database, browser_of: Visitor
) -> None:
    await three(database)
    finn = await browser_of("finn")
    html = page_of(await finn.get("/approvals?requester=ann+berger&process=purchase_approval"))
    assert len(rows_of(html)) == 3
    heads = [head.text for head in html.all("th[scope=col]")]
    assert heads[heads.index("Vendor") + 1] == "Cost centre"
    assert html.one('[aria-sort="ascending"]').text


async def test_a_head_that_sorts_shows_it_and_that_of_the_order_shows_its_direction(
    database: Database, browser_of: Visitor
) -> None:
    await three(database)
    finn = await browser_of("finn")
    shown = page_of(await finn.get("/approvals?sort=-amount"))
    arrows = {link.text.split()[0]: link.one(".cs-arrow[aria-hidden=true]").text for link in shown.all("th a")}
    assert arrows == {"Priority": "↕", "Amount": "↓", "Requested": "↕", "Due": "↕"}
    assert shown.one("th[aria-sort]").text == "Amount ↓"
    assert shown.one("th[aria-sort]")["aria-sort"] == "descending"


@pytest.mark.parametrize("query", ["sort=name", "due=never", "amount_from=x", "list=none", "state=none"])
async def test_a_filter_that_cannot_be_is_a_problem(browser_of: Visitor, program_of: Visitor, query: str) -> None:
    page, program = await browser_of("finn"), await program_of("finn")
    assert (await page.get(f"/approvals?{query}")).status_code == 422
    assert (await program.get(f"/api/v1/approvals?{query}")).status_code == 422


async def test_a_decision_goes_on_in_the_list_that_the_person_came_from(
    database: Database, browser_of: Visitor
) -> None:
    cheap, dear, middle = await three(database)
    finn = await browser_of("finn")
    query = "?sort=-amount"
    html = page_of(await finn.get(f"/approvals/{dear}{query}"))
    assert html.one('[data-key="j"]')["href"] == f"/approvals/{middle}{query}"
    assert not html.has('[data-key="k"]')
    answer = {"decision": "approve", "version": "1"}
    for decided, following in ((dear, f"/approvals/{middle}{query}"), (middle, f"/approvals/{cheap}{query}")):
        forms = page_of(await finn.get(f"/approvals/{decided}{query}")).all('form[action*="/decision"]')
        (action,) = {form["action"] for form in forms}
        assert (await finn.post(action, data=answer)).headers["location"] == following
    only = await finn.post(f"/approvals/{cheap}/decision?f.vendor=Halden", data=answer)
    assert only.headers["location"] == "/approvals?f.vendor=Halden"


async def test_a_selection_is_looked_at_then_answered_without_a_script(database: Database, browser_of: Visitor) -> None:
    await three(database)
    finn, fay = await browser_of("finn"), await browser_of("fay")
    html = page_of(await finn.get("/approvals?picked=page"))
    picks = [box["value"] for box in html.all("[name=pick][form=bulk][checked]")]
    assert len(picks) == 3
    assert "Review selected (3)" in html.one("#bulk").text
    nothing = await finn.post("/approvals/bulk?sort=amount", data={})
    assert (nothing.status_code, page_of(nothing).one("#bulk #bulk-error").text) == (
        422,
        "Select at least one approval.",
    )
    assert len(rows_of(page_of(nothing))) == 3
    job = (await finn.post("/approvals/bulk?sort=amount", data={"pick": picks})).headers["location"]
    review = page_of(await finn.get(job))
    assert "Approve 3 for EUR 600.00" in review.text
    assert (await fay.get(job)).status_code == 404
    silent = await finn.post(job, data={"decision": "reject", "comment": ""})
    assert (silent.status_code, "Enter a comment" in said_in(silent)) == (422, True)
    assert page_of(silent).has('#comment[aria-describedby="comment-error"][autofocus]')
    assert (await finn.post(job, data={"decision": "approve", "comment": "Fine."})).headers["location"] == job
    assert "0 of 3" in said_in(await finn.get(job))
    runner = BulkRunner(database, by_key())
    while await runner.some():
        pass
    done = page_of(await finn.get(job))
    assert "3 of 3" in done.text
    assert done.one("h1").text == "3 requests approved"
    assert rows_of(page_of(await finn.get("/approvals"))) == []


async def test_nothing_unclaimed_is_said_though_the_groups_have_some(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    _, approval = await asked_about(database)
    where = f"/approvals/{approval.approval_id}"
    assert (await (await program_of("fay")).post(f"/api/v1{where}/claim")).status_code == 200
    finn = await browser_of("finn")
    unclaimed, groups = [page_of(await finn.get(f"/approvals?list={tab}")) for tab in ("unclaimed", "groups")]
    assert rows_of(unclaimed) == []
    assert "No unclaimed approvals" in unclaimed.one("#rows").text
    assert rows_of(groups) == [str(approval.approval_id)]
    assert "No unclaimed approvals" not in groups.source


async def test_all_that_fits_can_be_taken(database: Database, browser_of: Visitor) -> None:
    await three(database)
    finn = await browser_of("finn")
    job = (await finn.post("/approvals/bulk?f.vendor=Nord", data={"which": "all"})).headers["location"]
    assert "Approve 2 for EUR 500.00" in said_in(await finn.get(job))


async def test_what_only_advice_is_asked_on_is_not_taken_with_all(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    asked, *_ = await three(database)
    for _ in range(2):
        await asked_about(database, purchase("50"), who=("person:olga",))
    finn = await program_of("finn")
    assert (await finn.post(f"/api/v1/approvals/{asked}/delegate", json={"to": "olga"})).status_code == 200
    olga = await browser_of("olga")
    html = page_of(await olga.get("/approvals"))
    assert len(rows_of(html)) == 3
    assert "Review all 2" in [button.text for button in html.all("button")]
    job = (await olga.post("/approvals/bulk", data={"which": "all"})).headers["location"]
    review = page_of(await olga.get(job))
    assert ("Approve 2 for EUR 100.00" in review.text, "Skipped" in review.text) == (True, False)


async def test_a_key_that_came_with_another_body_is_refused(database: Database, program_of: Visitor) -> None:
    first, second, third = await three(database)
    finn, fay = await program_of("finn"), await program_of("fay")
    body = {"decision": "approve", "comment": "Fine.", "items": [{"id": first, "version": 1}]}

    async def send(program: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
        return await program.post("/api/v1/approvals/bulk", json=body | changes, headers={"idempotency-key": "k"})

    accepted = await send(finn)
    others: list[dict[str, Any]] = [
        {"decision": "reject"},
        {"comment": "Too dear."},
        {"items": [{"id": second, "version": 1}]},
        {"items": [{"id": first, "version": 2}]},
        {"items": [{"id": first, "version": 1}, {"id": third, "version": 1}]},
    ]
    for changes in others:
        refused = await send(finn, **changes)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused"), changes
    assert (await send(finn, comment=" Fine. ")).headers["location"] == accepted.headers["location"]
    assert (await send(fay, items=others[2]["items"])).status_code == 202  # a key belongs to its holder
    runner = BulkRunner(database, by_key())
    while await runner.some():
        pass
    states = [(await finn.get(f"/api/v1/approvals/{key}")).json()["state"] for key in (first, second, third)]
    assert states == ["approved", "approved", "open"]


async def test_a_program_answers_many_once_a_key(database: Database, program_of: Visitor) -> None:
    keys = await three(database)
    finn = await program_of("finn")
    body = {"decision": "approve", "items": [{"id": key, "version": 1} for key in keys]}
    answers = [await finn.post("/api/v1/approvals/bulk", json=body, headers={"idempotency-key": "k"}) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert answers[0].json()["waiting"] == 3
    runner = BulkRunner(database, by_key())
    while await runner.some():
        pass
    found = (await finn.get(answers[0].headers["location"])).json()
    assert (found["decided"], found["waiting"], {item["state"] for item in found["items"]}) == (3, 0, {"decided"})
    wrong = await finn.post("/api/v1/approvals/bulk", json=body | {"decision": "send_back"})
    assert wrong.status_code == 422


async def test_a_row_is_approved_with_one_click_and_its_list_follows(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    cheap, dear, middle = await three(database)
    finn, here = await browser_of("finn"), "/approvals?requester=ann&sort=amount"
    listed = page_of(await finn.get(here))
    form, title = listed.one(f'form[action*="{cheap}/decision"]'), listed.one(f'a[href^="/approvals/{cheap}"]').text
    assert form.one("button").text.startswith("Approve PUR-")
    pressed = form.fields | {"decision": form.one("button")["value"]}
    answers = [await finn.post(form["action"], data=pressed) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [here, here], "a doubled click changes nothing"
    shown = page_of(await finn.get(here))
    assert f"Approved: {title}." in shown.text
    assert rows_of(shown) == [middle, dear]
    assert (await (await program_of("finn")).get(f"/api/v1/approvals/{cheap}")).json()["state"] == "approved"
    undone = await finn.post(shown.one(f'form[action$="{cheap}/undo"]')["action"], data=form.fields)
    assert undone.status_code == 303
    assert (await (await program_of("finn")).get(f"/api/v1/approvals/{cheap}")).json()["state"] == "open"


TRIAL = APPROVE.model_copy(update={"key": "trial", "label": "Approve on trial"})
REASONED = APPROVE.model_copy(update={"comment": True})


@pytest.mark.parametrize(
    "step",
    [{"bulk": False}, {"options": (APPROVE, TRIAL, REJECT)}, {"options": (REASONED, REJECT)}, {"key": "with_fields"}],
)
async def test_what_takes_more_than_a_click_is_opened(
    app: FastAPI, database: Database, browser_of: Visitor, step: dict[str, Any]
) -> None:
    known = app.state.web.processes
    changed = replace(known["purchase_approval"], decision_fields={"with_fields": Booking})
    app.state.web = replace(app.state.web, processes={**known, "purchase_approval": changed})
    _, approval = await asked_about(database, **step)
    listed = page_of(await (await browser_of("finn")).get("/approvals"))
    assert rows_of(listed) == [str(approval.approval_id)]
    assert not listed.has('form[action*="/decision"]')
