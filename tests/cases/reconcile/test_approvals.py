"""An approval is open if and only if its workflow waits for it; differences are reconciled."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select, text, update

from backend.cases.approvals.request.open_approval import ApprovalRequest, OpenedApproval
from backend.cases.reconcile import approvals
from backend.cases.reconcile.approvals import ApprovalsReconciled, reconcile_approvals
from backend.database.engine import Database
from backend.database.tables import Approval, Candidate, Case, Delivery, Notification, OutboxRow, Person
from backend.kit.approval import DecisionKind
from backend.kit.progress import Progress
from backend.temporal.queries import waits_of
from tests.support.approvals import STEP, answered, asked_about
from tests.support.temporal import Desk

pytestmark = pytest.mark.usefixtures("no_grace")


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconcile changes of the last moment too."""
    monkeypatch.setattr(approvals, "GRACE", text("interval '0 seconds'"))


async def running(database: Database, **step: object) -> tuple[Case, OpenedApproval]:
    """An approval of a running case whose messages are all delivered."""
    case, asked = await asked_about(database, **step)
    async with database.transaction("default") as session:
        await session.execute(update(Case).where(Case.id == case.id).values(run_id="a run"))
    await delivered(database)
    return case, asked


async def delivered(database: Database) -> None:
    async with database.transaction("default") as session:
        await session.execute(update(OutboxRow).values(state="sent"))


def waits_for(*asked: OpenedApproval) -> Callable[[str], Awaitable[list[ApprovalRequest] | None]]:
    """A workflow that waits for these approvals."""

    async def answer(_: str) -> list[ApprovalRequest] | None:
        return [question(each) for each in asked]

    return answer


def question(asked: OpenedApproval) -> ApprovalRequest:
    return ApprovalRequest(
        tenant="default",
        case_id=uuid4(),
        step=STEP,
        round=1,
        asked_at=datetime.now(UTC),
        subject="it",
        progress=Progress(),
        approval_id=asked.approval_id,
    )


async def silent(_: str) -> list[ApprovalRequest] | None:
    return None


async def state(database: Database, asked: OpenedApproval) -> str:
    async with database.transaction("default") as session:
        return (await session.get_one(Approval, asked.approval_id)).state


async def test_where_both_agree_nothing_is_done(database: Database) -> None:
    _, asked = await running(database)
    assert await reconcile_approvals(database, waits_for(asked)) == ApprovalsReconciled(looked_at=1)
    assert await state(database, asked) == "open"


async def test_a_workflow_that_does_not_answer_changes_nothing(database: Database) -> None:
    _, asked = await running(database)
    assert await reconcile_approvals(database, silent) == ApprovalsReconciled(looked_at=1, silent=1)
    assert await state(database, asked) == "open"


async def test_what_no_workflow_waits_for_is_closed(database: Database) -> None:
    _, asked = await running(database)
    assert (await reconcile_approvals(database, waits_for())).closed == [str(asked.approval_id)]
    assert await state(database, asked) == "not_needed"
    assert (await reconcile_approvals(database, waits_for())).closed == []


async def test_what_was_asked_while_its_case_ended_is_closed(database: Database) -> None:
    case, asked = await running(database)
    async with database.transaction("default") as session:
        over = {"closed_at": func.clock_timestamp(), "status": "terminated"}
        await session.execute(update(Case).where(Case.id == case.id).values(over))
    assert (await reconcile_approvals(database, silent)).closed == [str(asked.approval_id)]
    assert await state(database, asked) == "not_needed"


async def test_a_verdict_that_the_workflow_did_not_receive_is_sent_again(database: Database) -> None:
    case, asked = await running(database)
    await answered(database, asked, "finn", DecisionKind.APPROVE)
    on_its_way = await reconcile_approvals(database, waits_for(asked))
    assert on_its_way.sent_again == []
    await delivered(database)
    assert (await reconcile_approvals(database, waits_for(asked))).sent_again == [str(asked.approval_id)]
    async with database.transaction("default") as session:
        rows = await session.scalars(
            select(OutboxRow).where(OutboxRow.case_id == case.id, OutboxRow.state == "waiting")
        )
        assert [(row.kind, row.payload["verdict"]) for row in rows] == [("decide", "approved")]


async def test_who_left_while_nobody_looked_is_followed(database: Database) -> None:
    _, asked = await running(database, who=("person:olga",))
    async with database.transaction("default") as session:
        await session.execute(update(Person).where(Person.id == "olga").values(active=False))
    assert (await reconcile_approvals(database, waits_for(asked))).reassigned == [str(asked.approval_id)]
    await answered(database, asked, "mona", DecisionKind.APPROVE)
    assert await state(database, asked) == "approved"


async def test_a_row_that_is_gone_is_opened_again_and_its_workflow_goes_on(desk: Desk) -> None:
    case = await desk.open()
    approval = await desk.approval(case, "manager")
    asked = await waits_of(desk.client, case.workflow_id)
    assert asked is not None
    assert [each.approval_id for each in asked] == [approval.id]
    async with desk.database.transaction("default") as session:
        for table in (Candidate, Notification, Delivery):
            await session.execute(delete(table).where(table.approval_id == approval.id))
        await session.execute(delete(Approval).where(Approval.id == approval.id))

    async def waits(workflow_id: str) -> list[ApprovalRequest] | None:
        return await waits_of(desk.client, workflow_id)

    assert (await reconcile_approvals(desk.database, waits)).opened == [str(approval.id)]
    await desk.answer(case, "manager", "mona")
    assert (await desk.ended(case)).outcome == "ordered"
    assert await waits_of(desk.client, case.workflow_id) == []
