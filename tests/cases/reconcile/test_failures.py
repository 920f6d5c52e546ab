"""What fails is seen by who has to see to it: on the case, as a notification, and no longer than it fails."""

from datetime import timedelta
from functools import partial

import httpx2
import pytest
from sqlalchemy import func, select, update

from backend.cases.operations.failing_steps import WORKFLOW_CODE
from backend.cases.reconcile import failures
from backend.cases.reconcile.failures import WorkflowProblems, watch_failures
from backend.cases.tracking.case_view import case_view
from backend.database.engine import Database
from backend.database.tables import Case, FailingStep, Notification, OutboxRow
from backend.processes import by_key
from backend.services.erp import Erp, IssuedOrder, PostgresErp, PurchaseOrder
from backend.temporal.pending import pending_of, with_problems, workflow_task_failure
from backend.workflows.core.approvals import CaseApprovals
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.temporal import Desk

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is news at once."""
    monkeypatch.setattr(failures, "WORTH_A_NOTICE", timedelta(0))
    monkeypatch.setattr(failures, "REPORTS_WITHIN", timedelta(0))
    monkeypatch.setattr(failures, "LATE", timedelta(seconds=-60))


async def watch(desk: Desk) -> None:
    """What the relay does every few seconds."""
    client = desk.client
    asked = WorkflowProblems(
        partial(pending_of, client), partial(workflow_task_failure, client), partial(with_problems, client)
    )
    await watch_failures(desk.database, by_key(), asked)


async def failing(database: Database, case: Case) -> FailingStep | None:
    """The failing step of this case."""
    async with database.across_tenants() as session:
        found: FailingStep | None = await session.scalar(select(FailingStep).where(FailingStep.case_id == case.id))
        return found


async def notified(database: Database, case: Case) -> dict[str, str]:
    """Who was notified that the case needs attention, and in which words."""
    async with database.across_tenants() as session:
        mine = (Notification.case_id == case.id, Notification.event == "attention")
        rows = await session.execute(select(Notification.person_id, Notification.note).where(*mine))
        return {person_id: note for person_id, note in rows}  # noqa: C416 - a result has keys, so dict() takes it for a mapping


class FalteringErp(PostgresErp):
    """An ERP that is away until it is told to work."""

    works = False

    async def issue(self, order: PurchaseOrder) -> IssuedOrder:
        if not self.works:
            raise httpx2.ConnectError("no route to host")
        return await super().issue(order)


class TestWithAnErpThatIsAway:
    """The case waits for it, and says so."""

    @pytest.fixture
    def erp(self, database: Database) -> Erp:
        return FalteringErp(database)

    async def test_its_owners_are_notified_and_the_page_says_which_step_why_and_what_next(self, desk: Desk) -> None:
        case = await desk.open()
        await desk.answer(case, "manager", "mona")
        row = await eventually(lambda: failing(desk.database, case))
        assert (row.step, row.reason) == ("issue_purchase_order", "The external system is not responding.")
        assert row.next_at is not None
        await watch(desk)
        told = await notified(desk.database, case)
        assert set(told) == {"ann", "root"}
        assert told["ann"].startswith("Issue purchase order: failing since ")
        assert told["ann"].endswith(". The external system is not responding.")
        assert (await desk.case(case)).attention == told["ann"]
        async with desk.database.transaction("default") as session:
            view = await case_view(session, await person(desk.database, "ann"), case.reference, by_key())
        (line,) = view.trouble.steps
        assert (line.title, line.reason) == ("Issue purchase order", "The external system is not responding.")
        await watch(desk)
        assert await notified(desk.database, case) == told, "nobody is told twice"

    async def test_once_it_works_nothing_needs_attention(self, desk: Desk) -> None:
        case = await desk.open()
        await desk.answer(case, "manager", "mona")
        await eventually(lambda: failing(desk.database, case))
        await watch(desk)
        assert (await desk.case(case)).attention
        assert isinstance(desk.services.erp, FalteringErp)
        desk.services.erp.works = True
        ended = await desk.ended(case)
        assert (ended.outcome, ended.attention) == ("ordered", None)
        assert await failing(desk.database, case) is None

    async def test_a_step_that_is_not_tried_any_more_is_forgotten(self, desk: Desk) -> None:
        case = await desk.open()
        await desk.answer(case, "manager", "mona")
        await eventually(lambda: failing(desk.database, case))
        await watch(desk)
        await desk.handle(case).terminate()
        await watch(desk)
        assert await failing(desk.database, case) is None
        assert (await desk.case(case)).attention is None


async def test_a_release_whose_code_fails_is_said_with_its_error(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("no such level")

    case = await desk.open()
    await desk.approval(case, "manager")
    monkeypatch.setattr(CaseApprovals, "_mark", broken)
    await desk.answer(case, "manager", "mona")

    async def noticed() -> FailingStep | None:
        await watch(desk)
        return await failing(desk.database, case)

    row = await eventually(noticed, seconds=40, every=0.5)
    assert row.activity_id == WORKFLOW_CODE
    assert "no such level" in row.reason
    await watch(desk)
    told = await notified(desk.database, case)
    assert set(told) == {"ann", "root"}
    assert "an error in its program" in told["root"]
    assert "no such level" in told["root"]
    monkeypatch.undo()
    await desk.handle(case).terminate()


async def test_a_case_that_was_heard_of_is_asked_nothing(desk: Desk) -> None:
    case = await desk.open()
    await desk.approval(case, "manager")
    async with desk.database.across_tenants() as session:
        ago = func.clock_timestamp() - timedelta(minutes=5)
        await session.execute(update(OutboxRow).values(sent_at=ago, state="sent"))
    await watch(desk)
    assert await failing(desk.database, case) is None
