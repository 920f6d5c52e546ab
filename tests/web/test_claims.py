"""Claiming over page and REST."""

from backend.database.engine import Database
from tests.support.approvals import asked_about
from tests.support.web import Visitor


async def test_page_and_program_claim_and_release_the_same_thing(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    _, approval = await asked_about(database)
    finn, fay = await browser_of("finn"), await program_of("fay")
    page, call = f"/approvals/{approval.approval_id}", f"/api/v1/approvals/{approval.approval_id}"
    assert (await finn.post(f"{page}/claim")).headers["location"] == page
    assert "You work on this since" in (await finn.get(page)).text
    assert "you work on it" in (await finn.get("/approvals")).text
    assert (await fay.get(call)).json()["claimed_by"] == "finn"
    refused = await fay.post(f"{call}/release")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_your_claim")
    assert (await fay.post(f"{call}/claim")).json()["claimed_by"] == "fay"
    assert "Take over" in (await finn.get(page)).text
    assert (await fay.post(f"{call}/release")).json()["claimed_by"] is None
