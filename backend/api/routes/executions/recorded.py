"""Executions from our own records, used while Temporal does not respond."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import WorkflowExecutionStatus

from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.tracking.case_list import CaseFilter, list_cases
from backend.database.tables import Case
from backend.temporal.executions import spelled

OF_CASES = {
    WorkflowExecutionStatus.RUNNING: "running",
    WorkflowExecutionStatus.COMPLETED: "completed",
    WorkflowExecutionStatus.FAILED: "failed",
    WorkflowExecutionStatus.CANCELED: "cancelled",
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.TIMED_OUT: "timed_out",
}
STATUSES = {spelled(status): word for status, word in OF_CASES.items()}
"""The status of a case, by Temporal's spelling."""
_BY_STATUS = {word: status for status, word in OF_CASES.items()}


@dataclass(frozen=True)
class RecordedExecution:
    """The execution of a case, as far as the case knows."""

    id: str
    run_id: str
    workflow_type: str
    status: WorkflowExecutionStatus
    start_time: datetime
    close_time: datetime | None


@dataclass(frozen=True)
class ListedRecords:
    """The only page of them."""

    items: list[RecordedExecution]


async def recorded_executions(
    session: AsyncSession, actor: Actor, processes: Processes, only: CaseFilter, since: datetime | None
) -> list[RecordedExecution]:
    """Those of the newest cases that match."""
    page = await list_cases(session, actor, processes, only)
    cases = [case for case in page.items if case.run_id and (since is None or case.opened_at > since)]
    return [_recorded(case, processes) for case in cases if case.process in processes]


def _recorded(case: Case, processes: Processes) -> RecordedExecution:
    return RecordedExecution(
        id=case.workflow_id,
        run_id=case.run_id or "",
        workflow_type=processes[case.process].workflow.__name__,
        status=_BY_STATUS.get(case.status, WorkflowExecutionStatus.RUNNING),
        start_time=case.opened_at,
        close_time=case.closed_at,
    )
