"""A reason, a name or a title that shows nothing is refused like an empty one, on every way in."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.database.engine import Database
from backend.database.tables import Case, Comment
from tests.api.routes.core.forms.test_forms import START, beside, filled
from tests.support.approvals import a_case, asked_about
from tests.support.hostile import INVISIBLE
from tests.support.html import page_of, said_in
from tests.support.links import link_for, press, verdict
from tests.support.purchases import purchase
from tests.support.web import Visitor

NOTHING = pytest.mark.parametrize("nothing", INVISIBLE, ids=ascii)


@NOTHING
async def test_a_form_of_nothing_opens_nothing(browser_of: Visitor, nothing: str) -> None:
    ann = await browser_of("ann")
    fields = ("title", "vendor", "items.0.description", "justification")
    refused = await ann.post(START, data=await filled(ann, **dict.fromkeys(fields, nothing)))
    page = page_of(refused)
    assert refused.status_code == 422
    assert all("Fill in" in beside(page, field) for field in fields)
    assert page.one("[name=title]").held == nothing


@NOTHING
async def test_a_decision_needs_a_reason_that_shows(
    database: Database, browser_of: Visitor, program_of: Visitor, nothing: str
) -> None:
    _, approval = await asked_about(database)
    finn, api, root = await browser_of("finn"), await program_of("finn"), await browser_of("root")
    where = f"/approvals/{approval.approval_id}"
    page = await finn.post(f"{where}/decision", data={"decision": "reject", "version": "1", "comment": nothing})
    assert (page.status_code, "Enter a reason" in said_in(page)) == (422, True)
    body = {"decision": "reject", "version": 1, "comment": nothing}
    rest = await api.post(f"/api/v1{where}/decision", json=body)
    assert (rest.status_code, rest.json()["code"]) == (422, "comment_needed")
    many = {"decision": "reject", "comment": nothing, "items": [{"id": str(approval.approval_id), "version": 1}]}
    bulk = await api.post("/api/v1/approvals/bulk", json=many, headers={"idempotency-key": "k"})
    assert (bulk.status_code, bulk.json()["code"]) == (422, "comment_needed")
    given = {"version": "1", "verdict": "reject", "words": nothing}
    override = await root.post(f"{where}/override", data=given)
    assert (override.status_code, "recorded permanently" in said_in(override)) == (422, True)
    assert await verdict(database, approval) == ("open", [])


@NOTHING
async def test_a_personal_link_needs_a_reason_that_shows(database: Database, browser_of: Visitor, nothing: str) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    refused = await press(guest, link, "reject:reject", comment=nothing)
    assert (refused.status_code, "Enter a reason" in said_in(refused)) == (422, True)
    assert await verdict(database, approval) == ("open", [])


@NOTHING
async def test_comments_and_names_of_filters_and_holidays_have_to_show(
    database: Database, browser_of: Visitor, nothing: str
) -> None:
    case = await a_case(database)
    ann, root = await browser_of("ann"), await browser_of("root")
    tries = [
        await ann.post(f"/cases/{case.reference}/comments", data={"text": nothing}),
        await ann.post("/approvals/filters?due=overdue", data={"name": nothing}),
        await root.post("/calendar/holidays", data={"day": "2099-12-24", "name": nothing}),
    ]
    assert [each.status_code for each in tries] == [422, 422, 422]
    async with database.transaction("default") as session:
        assert await session.scalar(select(Comment.id)) is None


async def send(client: Any, **changes: Any) -> Any:
    body, headers = purchase(**changes), {"idempotency-key": str(uuid4())}
    return await client.post("/api/v1/processes/purchase_approval/cases", json=body, headers=headers)


async def test_a_title_is_one_line_of_text_in_one_spelling(database: Database, program_of: Visitor) -> None:
    ann = await program_of("ann")
    titles = {
        "\u200bDesk": "Desk",
        "Desks\n\nOpen the request:": "Desks Open the request:",
        "Mo\u0308bel": "Möbel",
    }
    for given, kept in titles.items():
        opened = await send(ann, title=given, justification="One\r\ntwo")
        assert opened.status_code == 202, opened.text
        async with database.transaction("default") as session:
            case = await session.scalar(select(Case).where(Case.reference == opened.json()["reference"]))
        assert case is not None
        assert (case.title, case.input["title"], case.input["justification"]) == (kept, kept, "One\ntwo")


async def test_a_reason_to_withdraw_that_shows_nothing_is_none(database: Database, program_of: Visitor) -> None:
    case, ann = await a_case(database), await program_of("ann")
    answer = await ann.post(f"/api/v1/cases/{case.reference}/recall", json={"reason": "\u200b\u2800"})
    assert answer.status_code == 200
    story = (await ann.get(f"/api/v1/cases/{case.reference}/journal")).json()
    lines = [line for line in story if line["kind"] == "recalled"]
    assert [line["quote"] for line in lines] == [""]
