"""The page of an approval: one form, what follows from it now, budgets, files, and undoing for some seconds."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import select, update

from backend.cases.approvals.request.open_approval import open_approval
from backend.database.engine import Database
from backend.database.tables import Approval, Budget, Case, OutboxRow
from backend.kit.approval import ALL, DecisionKind
from tests.api.routes.core.forms.test_forms import PDF, START, filled, hidden, my_cases
from tests.support.approvals import answered, asked_about, question_of
from tests.support.html import page_of, said_in
from tests.support.purchases import purchase
from tests.support.web import Visitor


async def sent_at(database: Database, case: Case) -> datetime:
    """When the verdict leaves for the workflow."""
    mine = (OutboxRow.case_id == case.id, OutboxRow.kind == "decide")
    async with database.across_tenants() as session:
        due: datetime = (await session.scalars(select(OutboxRow.due_at).where(*mine))).one()
    return due


async def test_a_comment_goes_with_any_decision(database: Database, browser_of: Visitor, program_of: Visitor) -> None:
    _, approval = await asked_about(database)
    where = f"/approvals/{approval.approval_id}"
    finn = await browser_of("finn")
    form = page_of(await finn.get(where)).one('form[action$="/decision"]')
    assert [button["value"] for button in form.all("button[name=decision]")] == ["approve", "reject", "send_back"]
    sent = {**form.fields, "decision": "approve", "comment": "Order them this week."}
    assert (await finn.post(form["action"], data=sent)).status_code == 303
    [decision] = (await (await program_of("finn")).get(f"/api/v1{where}")).json()["votes"]
    assert (decision["decision"], decision["comment"]) == ("approve", "Order them this week.")


async def test_what_follows_is_computed_from_this_moment(database: Database, browser_of: Visitor) -> None:
    finn, mona = await browser_of("finn"), await browser_of("mona")
    _, manager = await asked_about(database, purchase("20000"), key="manager", who=("person:mona",))
    first = said_in(await mona.get(f"/approvals/{manager.approval_id}"))
    assert ("Goes to Finance next" in first, "Sends the purchase order" in first) == (True, False)
    _, both = await asked_about(database, purchase("20000"), needed=ALL)
    page = f"/approvals/{both.approval_id}"
    assert "Counts as approval 1 of 2" in said_in(await finn.get(page))
    await answered(database, both, "fay", DecisionKind.APPROVE)
    last = said_in(await finn.get(page))
    assert ("Counts as" in last, "Reserves EUR 20,000.00 of the budget 4200" in last) == (False, True)
    await answered(database, both, "finn", DecisionKind.APPROVE)
    assert "If approved" not in said_in(await finn.get(page))


async def test_after_a_correction_the_effects_name_the_corrected_cost_centre(
    database: Database, browser_of: Visitor
) -> None:
    _, approval = await asked_about(database, purchase("5000"), correctable=("cost_centre", "needed_by"))
    where = f"/approvals/{approval.approval_id}"
    finn = await browser_of("finn")
    corrected = {"version": "1", "cost_centre": "3100", "needed_by": "2099-01-01"}
    assert (await finn.post(f"{where}/correct", data=corrected)).status_code == 303
    assert "of the budget 3100" in said_in(await finn.get(where))


async def test_a_budget_that_does_not_cover_it_is_said_before_the_decision(
    database: Database, browser_of: Visitor
) -> None:
    _, approval = await asked_about(database, purchase("900"))
    where = f"/approvals/{approval.approval_id}"
    finn = await browser_of("finn")
    async with database.transaction("default") as session:
        budget = await session.get_one(Budget, ("default", "4200"))
        name, amount = budget.name, budget.amount
        left = f"{amount - budget.reserved:,.2f}"
    enough = said_in(await finn.get(where))
    assert f"4200 {name}" in enough
    assert f"EUR{left}" in enough.replace(" ", "")
    assert "does not cover" not in enough
    try:
        async with database.transaction("default") as session:
            await session.execute(update(Budget).where(Budget.cost_centre == "4200").values(amount=Budget.reserved))
        short = said_in(await finn.get(where))
        assert "The budget does not cover this request" in short
        assert "EUR 900.00 is requested, and EUR 0.00 is left." in short
    finally:
        async with database.transaction("default") as session:
            await session.execute(update(Budget).where(Budget.cost_centre == "4200").values(amount=amount))


async def test_a_decision_on_a_page_waits_ten_seconds_and_is_undone_from_the_message(
    database: Database, browser_of: Visitor
) -> None:
    case, approval = await asked_about(database)
    where = f"/approvals/{approval.approval_id}"
    finn, ann = await browser_of("finn"), await browser_of("ann")
    sent = await finn.post(f"{where}/decision", data={"decision": "approve", "version": "1"})
    message = page_of(await finn.get(sent.headers["location"])).one(".cs-toast")
    undo = message.one("form")
    assert (undo["action"], int(undo["data-lasts"]) in range(8, 11)) == (f"{where}/undo", True)
    assert await sent_at(database, case) > datetime.now(UTC) + timedelta(seconds=5)
    assert "Finn Aalto approved it. This can still be undone" in said_in(await ann.get(f"/cases/{case.reference}"))
    undone = await finn.post(undo["action"], data=undo.fields)
    assert undone.headers["location"] == where
    async with database.across_tenants() as session:
        assert (await session.get_one(Approval, UUID(str(approval.approval_id)))).state == "open"
    assert "Finn Aalto or Fay Nowak has to approve it" in said_in(await ann.get(f"/cases/{case.reference}")) or (
        "Fay Nowak or Finn Aalto has to approve it" in said_in(await ann.get(f"/cases/{case.reference}"))
    )


async def test_one_of_two_votes_is_undone_by_its_own_voter_alone(database: Database, browser_of: Visitor) -> None:
    _, approval = await asked_about(database, purchase("20000"), needed=ALL)
    where = f"/approvals/{approval.approval_id}"
    finn, fay = await browser_of("finn"), await browser_of("fay")
    assert (await finn.post(f"{where}/decision", data={"decision": "approve", "version": "1"})).status_code == 303
    assert (await fay.post(f"{where}/undo")).status_code == 409
    assert (await finn.post(f"{where}/undo")).status_code == 303
    assert "Waiting for" not in said_in(await fay.get(where))


async def test_programs_do_not_wait(database: Database, program_of: Visitor, app: FastAPI) -> None:
    case, approval = await asked_about(database)
    body = {"decision": "approve", "version": 1}
    finn = await program_of("finn")
    assert (await finn.post(f"/api/v1/approvals/{approval.approval_id}/decision", json=body)).status_code == 200
    assert await sent_at(database, case) <= datetime.now(UTC)
    assert app.state.web.settings.undo_on_pages == timedelta(seconds=10)


async def test_a_visit_reads_what_leads_there_and_a_poll_does_not(database: Database, browser_of: Visitor) -> None:
    case, approval = await asked_about(database)
    await answered(database, approval, "finn", DecisionKind.SEND_BACK, "Fewer.")
    ann, fay = await browser_of("ann"), await browser_of("fay")

    async def unread() -> str:
        return page_of(await ann.get("/notifications/status")).one("#bell").text

    page = f"/cases/{case.reference}"
    await fay.get(page)
    await ann.get(page, headers={"countersign-live": "1"})
    await ann.get(page, headers={"sec-purpose": "prefetch"})
    assert "One unread notification" in await unread()
    await ann.get(page)
    assert "none unread" in await unread()


async def test_who_decided_is_shown_with_their_initials(database: Database, browser_of: Visitor) -> None:
    _, both = await asked_about(database, purchase("20000"), needed=ALL)
    await answered(database, both, "fay", DecisionKind.APPROVE, "Go ahead.")
    page = page_of(await (await browser_of("finn")).get(f"/approvals/{both.approval_id}"))
    decision = page.one(".cs-policy .cs-decision")
    assert decision.one(".cs-avatar[aria-hidden=true]").text == "FN"
    assert decision.text.startswith("FN Fay Nowak approved today")
    assert decision.text.endswith("Go ahead.")


async def test_a_file_is_previewed_beside_the_decision(database: Database, browser_of: Visitor) -> None:
    ann, finn = await browser_of("ann"), await browser_of("finn")
    form = await filled(ann, title="")
    kept = hidden(await ann.post(START, data=form, files={"attachments_upload": PDF}), "attachments")
    assert (await ann.post(START, data={**form, "title": "Desks", "attachments": kept})).status_code == 303
    (reference,) = await my_cases(ann)
    async with database.across_tenants() as session:
        case = (await session.scalars(select(Case).where(Case.reference == reference))).one()
    approval = await open_approval(database, question_of(case))
    files = page_of(await finn.get(f"/approvals/{approval.approval_id}")).one(".cs-files")
    assert files.one("summary").text == f"Preview: {PDF[0]}"
    frame = files.one("details iframe")
    assert (frame["title"], frame["loading"]) == (PDF[0], "lazy")
    assert (await finn.get(frame["src"])).content == PDF[1]
