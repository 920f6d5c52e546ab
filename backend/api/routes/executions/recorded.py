"""Executions from our own records, used while Temporal does not respond."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import WorkflowExecutionStatus

from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.tracking.case_list import CaseFilter, list_cases
from backend.database.tables import Case

STATUSES = {
    "Running": "running",
    "Completed": "completed",
    "Failed": "failed",
    "Canceled": "cancelled",
    "Terminated": "terminated",
    "TimedOut": "timed_out",
}
_BY_STATUS = {
    "completed": WorkflowExecutionStatus.COMPLETED,
    "failed": WorkflowExecutionStatus.FAILED,
    "cancelled": WorkflowExecutionStatus.CANCELED,
    "terminated": WorkflowExecutionStatus.TERMINATED,
    "timed_out": WorkflowExecutionStatus.TIMED_OUT,
}


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
