"""What ended behind our back is seen whatever its age, and the requester is told."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from sqlalchemy import select
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client

from backend.cases.core.journal import journal_of
from backend.cases.reconcile.executions import Reconciled, reconcile_executions
from backend.database.tables import Case, Notification
from backend.kit.progress import MilestoneState, Progress
from backend.temporal.queries import describe, running_ids
from tests.support.conditions import eventually
from tests.support.temporal import Desk

End = Callable[[Client, Case], Awaitable[object]]


async def cancel(client: Client, case: Case) -> None:
    await client.get_workflow_handle(case.workflow_id).cancel()


async def terminate(client: Client, case: Case) -> None:
    await client.get_workflow_handle(case.workflow_id).terminate("by hand")


async def delete(client: Client, case: Case) -> None:
    request = DeleteWorkflowExecutionRequest(
        namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=case.workflow_id)
    )
    await client.workflow_service.delete_workflow_execution(request)


async def reconciled(desk: Desk) -> Reconciled:
    """What the relay does every 20 seconds."""
    client = desk.client
    return await reconcile_executions(desk.database, partial(describe, client), partial(running_ids, client))


@pytest.mark.parametrize(
    ("end", "status", "said"),
    [
        (cancel, "cancelled", "cancelled"),
        (terminate, "terminated", "Its execution was terminated in Temporal. Nothing was undone."),
        (delete, "failed", "Its execution no longer exists in Temporal, so the case was closed."),
    ],
)
async def test_it_is_seen_right_after_its_start_and_its_requester_is_told(
    desk: Desk, end: End, status: str, said: str
) -> None:
    other = await desk.open()
    case = await desk.open()
    await desk.started(case)
    await end(desk.client, case)

    async def closed() -> Case | None:
        await reconciled(desk)
        found = await desk.case(case)
        return found if found.closed_at else None

    ended = await eventually(closed, every=0.2)
    assert ended.status == status
    async with desk.database.across_tenants() as session:
        mine = (Notification.case_id == case.id, Notification.event == "ended", Notification.person_id == "ann")
        (note,) = list(await session.scalars(select(Notification.note).where(*mine)))
        journal = [line.sentence for line in await journal_of(session, case.id)]
    assert said in note
    assert any(said in line for line in journal) or status == "cancelled"
    progress = Progress.model_validate(ended.progress)
    assert (progress.turn, said in progress.sentence) == (None, True)
    assert MilestoneState.NOW not in [each.state for each in progress.milestones]
    assert (await desk.case(other)).closed_at is None


async def test_what_runs_is_not_described_and_one_that_cannot_be_does_not_stop_the_others(desk: Desk) -> None:
    asked: list[str] = []
    case, gone = await desk.open(), await desk.open()
    await desk.started(case)
    await desk.started(gone)

    async def running() -> set[str]:
        return {case.workflow_id}

    async def counted(workflow_id: str) -> None:
        asked.append(workflow_id)

    found = await reconcile_executions(desk.database, counted, running)
    assert (asked, found.looked_at, list(found.repaired)) == ([gone.workflow_id], 2, [gone.reference])
