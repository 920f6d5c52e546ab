"""Undo, override, correct, and the record of a decision, through pages and REST."""

from datetime import timedelta

from backend.database.engine import Database
from tests.api.routes.approvals.test_approval_actions import act, code, decide, story, told
from tests.support.approvals import asked_about
from tests.support.html import page_of, said_in, source_of
from tests.support.web import Visitor


async def test_an_answer_is_taken_back_on_the_page_that_says_until_when(
    database: Database, browser_of: Visitor
) -> None:
    _, approval = await asked_about(database, undo_within=timedelta(minutes=5))
    finn = await browser_of("finn")
    where = f"/approvals/{approval.approval_id}"
    await finn.post(f"{where}/decision", data={"decision": "approve", "version": "1"})
    assert "Undo my decision" in said_in(await finn.get(where))
    assert (await finn.post(f"{where}/undo")).status_code == 303
    assert (await finn.get(f"/api/v1{where}")).json()["state"] == "open"
    assert "Undo my decision" not in source_of(await finn.get(where))


async def test_an_override_needs_a_verdict_and_a_reason_and_stays_visible(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    case, approval = await asked_about(database)
    root, ann = await browser_of("root"), await program_of("ann")
    where = f"/approvals/{approval.approval_id}"
    nothing = await root.post(f"{where}/override", data={"version": "1", "words": "Urgent."})
    assert (nothing.status_code, "Choose a decision." in said_in(nothing)) == (422, True)
    silent = await root.post(f"{where}/override", data={"version": "1", "verdict": "approve"})
    assert (silent.status_code, "it is recorded permanently" in said_in(silent)) == (422, True)
    given = {"version": "1", "verdict": "approve", "words": "The hall is flooded."}
    assert (await root.post(f"{where}/override", data=given)).status_code == 303
    seen = (await ann.get(f"/api/v1{where}")).json()
    assert (seen["overridden"], seen["votes"][0]["kind"], seen["votes"][0]["by"]) == (True, "override", "root")
    assert (await story(ann, case))[-1] == "overridden"
    assert ("overridden", "finn") in await told(database)


async def test_the_record_of_an_answer_says_all_that_proves_it(database: Database, program_of: Visitor) -> None:
    _, approval = await asked_about(database)
    finn = await program_of("finn")
    vote = (await decide(finn, approval)).json()["votes"][0]
    assert vote.pop("at")
    assert len(vote.pop("digest")) == 64
    assert len(vote.pop("policy")) == 12
    assert vote.pop("event") > 0
    assert vote == {
        "by": "finn",
        "acting_for": None,
        "kind": "own",
        "option": "approve",
        "channel": "api",
        "corrected_from": None,
        "extra": None,
        "decision": "approve",
        "comment": "because",
        "version": 1,
    }


async def test_a_correction_is_made_in_the_form_and_over_rest(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    _, approval = await asked_about(database, correctable=("cost_centre", "needed_by"))
    page, program = await browser_of("finn"), await program_of("finn")
    where = f"/approvals/{approval.approval_id}"
    drawn = page_of(await page.get(f"{where}/correct"))
    assert drawn.has("[name=cost_centre]")
    assert not drawn.has("[name=vendor]")
    wrong = await page.post(f"{where}/correct", data={"version": "1", "cost_centre": "", "needed_by": "2099-01-01"})
    assert (wrong.status_code, "Fix one problem" in said_in(wrong)) == (422, True)
    right = {"version": "1", "cost_centre": "3100", "needed_by": "2099-01-01", "vendor": "Smuggled"}
    assert (await page.post(f"{where}/correct", data=right)).status_code == 303
    refused = await act(program, approval, "correct", version=2, input={"vendor": "Smuggled"})
    assert (refused.status_code, code(refused)) == (422, "not_correctable")
    nowhere = await act(program, approval, "correct", version=2, input={"cost_centre": "none"})
    assert (nowhere.status_code, nowhere.json()["errors"][0]["pointer"]) == (422, "/cost_centre")
    assert (await act(program, approval, "correct", version=2, input={"cost_centre": "1000"})).json()["version"] == 3
    assert "Changed since version 2" in said_in(await page.get(where))
    assert (await decide(program, approval, version=3)).json()["votes"][0]["corrected_from"] == 1


async def test_lines_of_a_correction_are_added_and_removed_before_it_is_saved(
    database: Database, browser_of: Visitor
) -> None:
    case, approval = await asked_about(database, correctable=("items",))
    finn = await browser_of("finn")
    where = f"/approvals/{approval.approval_id}/correct"
    form = page_of(await finn.get(where)).one("main form:has([name=words])").fields
    added = page_of(await finn.post(where, data=form | {"words": "One lamp more", "add": "items"}))
    assert added.one("main [autofocus]")["id"] == "f-items-1-description"
    assert added.one("[name=words]").held == "One lamp more"
    filled = added.one("main form:has([name=words])").fields | {
        "items.1.description": "Lamp", "items.1.quantity": "1", "items.1.unit_price": "50",
    }  # fmt: skip
    removed = page_of(await finn.post(where, data=filled | {"remove": "items.0"}))
    assert removed.one("[name='items.0.description']").held == "Lamp"
    assert (await finn.get(f"/api/v1/cases/{case.reference}")).json()["version"] == 1
    assert (await finn.post(where, data=filled)).status_code == 303
    assert (await finn.get(f"/api/v1/cases/{case.reference}")).json()["version"] == 2
