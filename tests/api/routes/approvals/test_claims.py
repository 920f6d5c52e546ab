"""Claims through pages and REST."""

from uuid import UUID

import httpx2

from backend.database.engine import Database
from tests.support.approvals import asked_about
from tests.support.html import page_of, said_in
from tests.support.web import Visitor

CLAIM = 'form[action*="/claim"]'


async def test_page_and_program_claim_and_release_the_same_thing(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    _, approval = await asked_about(database)
    finn, fay = await browser_of("finn"), await program_of("fay")
    page, call = f"/approvals/{approval.approval_id}", f"/api/v1/approvals/{approval.approval_id}"
    assert (await finn.post(f"{page}/claim")).headers["location"] == page
    assert "You claimed this" in said_in(await finn.get(page))
    assert "Claimed by you" in said_in(await finn.get("/approvals"))
    assert (await fay.get(call)).json()["claimed_by"] == "finn"
    refused = await fay.post(f"{call}/release")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_your_claim")
    assert (await fay.post(f"{call}/claim")).json()["claimed_by"] == "fay"
    assert "Take over" in said_in(await finn.get(page))
    assert (await fay.post(f"{call}/release")).json()["claimed_by"] is None


async def test_a_row_is_claimed_and_released_without_leaving_its_place_in_the_list(
    database: Database, browser_of: Visitor
) -> None:
    asked = [each.approval_id for _, each in [await asked_about(database) for _ in range(51)]]
    finn, fay = await browser_of("finn"), await browser_of("fay")

    async def press(client: httpx2.AsyncClient, page: str, key: UUID, word: str) -> str:
        """Press the button of this row and return the page that follows."""
        form = page_of(await client.get(page)).one(f'form[action*="{key}/"]:has(.btn-quiet)')
        assert form.one("button").text.startswith(f"{word} PUR-")
        answer = await client.post(form["action"], data=form.fields)
        assert (answer.status_code, answer.headers["location"]) == (303, page)
        return said_in(await client.get(page))

    narrow = "/approvals?list=groups&requester=ann&sort=age"
    assert "Claimed by you" in await press(finn, narrow, asked[0], "Claim")
    assert "Claimed by you" in await press(fay, "/approvals", asked[0], "Take over")
    assert "Claimed by" not in await press(fay, narrow, asked[0], "Release")
    second = page_of(await finn.get(narrow)).one('a[href^="/approvals?"][href*="after="]')["href"]
    assert "Claimed by you" in await press(finn, second, asked[50], "Claim")


async def test_where_a_claim_binds_the_page_offers_to_take_it_over(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    _, approval = await asked_about(database, claim_binds=True)
    page, finn, fay = f"/approvals/{approval.approval_id}", await browser_of("finn"), await browser_of("fay")
    await finn.post(f"{page}/claim")
    shown = page_of(await fay.get(page))
    assert "Claim it first to decide" in shown.text
    assert "Take over" in [button.text for button in shown.all("button")]
    assert not shown.has("[name=decision]")
    refused = await fay.post(f"{page}/decision", data={"decision": "approve", "version": "1"})
    assert (refused.status_code, "Claim it first to decide" in said_in(refused)) == (409, True)
    body = {"decision": "approve", "version": 1}
    called = await (await program_of("fay")).post(f"/api/v1{page}/decision", json=body)
    assert (called.status_code, called.json()["code"]) == (409, "claimed_by_another")
    await fay.post(f"{page}/claim")
    assert (await fay.post(f"{page}/decision", data={"decision": "approve", "version": "1"})).status_code == 303


async def test_what_is_answered_or_only_seen_has_no_button_in_its_row(database: Database, browser_of: Visitor) -> None:
    _, approval = await asked_about(database)
    finn, ann = await browser_of("finn"), await browser_of("ann")
    assert page_of(await finn.get("/approvals")).has(CLAIM)
    listed = page_of(await ann.get("/approvals?list=all"))
    assert str(approval.approval_id) in listed.source
    assert "/claim" not in listed.source
    await finn.post(f"/approvals/{approval.approval_id}/decision", data={"decision": "approve", "version": "1"})
    listed = page_of(await finn.get("/approvals?list=done"))
    assert str(approval.approval_id) in listed.source
    assert "/claim" not in listed.source


async def test_who_is_asked_for_advice_alone_has_nothing_to_claim_or_to_select(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    _, approval = await asked_about(database)
    finn, olga = await program_of("finn"), await browser_of("olga")
    asked = await finn.post(f"/api/v1/approvals/{approval.approval_id}/delegate", json={"to": "olga", "note": ""})
    assert asked.status_code == 200
    page = page_of(await olga.get("/approvals"))
    assert "Advice requested" in page.text
    assert "/claim" not in page.source
    assert not page.has("[name=pick]")
    assert "Select this page" not in page.source
    assert "Review selected" not in page.source
    nothing = await olga.post("/approvals/bulk", data={"which": "all"})
    assert (nothing.status_code, "Select at least one approval." in said_in(nothing)) == (422, True)
    taken = await olga.post("/approvals/bulk", data={"pick": f"{approval.approval_id}:1"})
    review = page_of(await olga.get(taken.headers["location"]))
    assert "None of these requests can be decided in bulk" in review.text
    assert "You are not an approver of this request." in review.text
    await finn.post(f"/api/v1/approvals/{approval.approval_id}/add-approver", json={"person": "olga"})
    assert page_of(await olga.get("/approvals")).has("[name=pick]")


async def test_a_claim_on_the_page_keeps_the_list_that_the_person_came_from(
    database: Database, browser_of: Visitor
) -> None:
    _, approval = await asked_about(database)
    finn = await browser_of("finn")
    page = f"/approvals/{approval.approval_id}?list=groups&sort=-amount"
    form = page_of(await finn.get(page)).one(CLAIM)
    assert (await finn.post(form["action"])).headers["location"] == page


async def test_nobody_claims_what_only_they_can_decide(database: Database, browser_of: Visitor) -> None:
    _, alone = await asked_about(database, who=("person:finn",))
    page, finn, fay = f"/approvals/{alone.approval_id}", await browser_of("finn"), await browser_of("fay")
    assert "Approve" in said_in(await finn.get(page))
    assert not page_of(await finn.get(page)).has(CLAIM)
    assert not page_of(await finn.get("/approvals")).has(f'form[action*="{alone.approval_id}/claim"]')
    _, both = await asked_about(database, who=("person:finn", "person:fay"))
    for visitor in (finn, fay):
        assert page_of(await visitor.get(f"/approvals/{both.approval_id}")).has(CLAIM)
        assert page_of(await visitor.get("/approvals")).has(f'form[action*="{both.approval_id}/claim"]')
