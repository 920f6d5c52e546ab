"""A second after the deadline no channel accepts a decision, even if no worker has closed the approval yet."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from backend.cases.approvals.decide.timers import DeadlineReached, close_approval
from backend.cases.inbox.bulk_runner import BulkRunner
from backend.database.engine import Database
from backend.database.tables import Approval, OutboxRow, RecordedDecision
from backend.kit.approval import DEADLINE, ApprovalState
from backend.processes import by_key
from tests.support.approvals import asked_about
from tests.support.html import said_in
from tests.support.web import Visitor

SECOND = timedelta(seconds=1)


async def ends(database: Database, approval_id: object, within: timedelta) -> None:
    """Move the deadline to this long after now, by the clock of the database."""
    moment = func.clock_timestamp() + within
    async with database.across_tenants() as session:
        await session.execute(update(Approval).where(Approval.id == approval_id).values(expires_at=moment))


async def test_late_by_a_second_is_refused_by_page_program_and_bulk(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    case, asked = await asked_about(database)
    page, call = f"/approvals/{asked.approval_id}", f"/api/v1/approvals/{asked.approval_id}"
    finn, fay = await browser_of("finn"), await program_of("fay")
    await ends(database, asked.approval_id, -SECOND)
    clicked = await finn.post(f"{page}/decision", data={"decision": "approve", "version": "1"})
    assert clicked.status_code == 409
    assert "The deadline has passed. Your decision was not recorded." in said_in(clicked)
    called = await fay.post(f"{call}/decision", json={"decision": "approve", "version": 1})
    assert (called.status_code, called.json()["code"]) == (409, "deadline_passed")
    items = [{"id": str(asked.approval_id), "version": 1}]
    job = await fay.post("/api/v1/approvals/bulk", json={"decision": "approve", "items": items})
    while await BulkRunner(database, by_key()).some():
        pass
    (item,) = (await fay.get(job.headers["location"])).json()["items"]
    assert (item["state"], item["code"]) == ("refused", "deadline_passed")
    assert (await fay.get(call)).json()["why_not"] == "deadline_passed"
    async with database.across_tenants() as session:
        row = await session.get_one(Approval, asked.approval_id)
        votes = await session.scalar(select(func.count()).select_from(RecordedDecision))
        heard = select(func.count()).where(OutboxRow.case_id == case.id, OutboxRow.kind == "decide")
        assert (row.state, votes, await session.scalar(heard)) == ("open", 0, 0)


@pytest.mark.parametrize(("within", "state"), [(-SECOND, ApprovalState.EXPIRED), (30 * SECOND, ApprovalState.APPROVED)])
async def test_what_the_worker_finds_when_it_is_back(
    database: Database, program_of: Visitor, within: timedelta, state: ApprovalState
) -> None:
    _, asked = await asked_about(database)
    await ends(database, asked.approval_id, within)
    finn = await program_of("finn")
    await finn.post(f"/api/v1/approvals/{asked.approval_id}/decision", json={"decision": "approve", "version": 1})
    await ends(database, asked.approval_id, -SECOND)
    closing = DeadlineReached(tenant="default", approval_id=asked.approval_id, verdict=ApprovalState.EXPIRED)
    for _ in range(2):
        assert (await close_approval(database, closing)).verdict is state
    shown = (await finn.get(f"/api/v1/approvals/{asked.approval_id}")).json()
    by = DEADLINE if state is ApprovalState.EXPIRED else "finn"
    assert (shown["state"], shown["decided_by"]) == (state, by)
