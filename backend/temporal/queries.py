"""Queries of case pages and of the reconciler to Temporal."""

from datetime import timedelta

from pydantic import ValidationError
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.service import RPCError

from backend.cases.approvals.request.open_approval import ApprovalRequest
from backend.cases.reconcile.executions import ExecutionState
from backend.kit.case import CaseEnd
from backend.kit.progress import Progress
from backend.temporal.absence import is_gone
from backend.temporal.codec import CannotDecrypt

RUNNING = "ExecutionStatus = 'Running'"
PROGRESS = "progress"
WAITING = "waiting"
QUERY_TIMEOUT = timedelta(seconds=1.5)
DESCRIBE_TIMEOUT = timedelta(seconds=5)
# The client says RuntimeError when it cannot connect; the last two are answers of other code, or under another key.
NO_ANSWER = (
    RPCError,
    RuntimeError,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    ValidationError,
    CannotDecrypt,
)
_WORDS = {
    WorkflowExecutionStatus.RUNNING: "running",
    WorkflowExecutionStatus.CONTINUED_AS_NEW: "running",
    WorkflowExecutionStatus.COMPLETED: "completed",
    WorkflowExecutionStatus.FAILED: "failed",
    WorkflowExecutionStatus.CANCELED: "cancelled",
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.TIMED_OUT: "timed_out",
}


async def progress_of(client: Client, workflow_id: str) -> Progress | None:
    """The workflow's own answer; None if Temporal, the workflow or its workers do not give a readable one in 1.5 s."""
    handle = client.get_workflow_handle(workflow_id)
    try:
        answer: Progress = await handle.query(PROGRESS, result_type=Progress, rpc_timeout=QUERY_TIMEOUT)
    except NO_ANSWER:
        return None
    return answer


async def waits_of(client: Client, workflow_id: str) -> list[ApprovalRequest] | None:
    """The approvals a workflow waits for; None if it gives no readable answer in 1.5 s."""
    handle = client.get_workflow_handle(workflow_id)
    try:
        found: list[ApprovalRequest] = await handle.query(
            WAITING, result_type=list[ApprovalRequest], rpc_timeout=QUERY_TIMEOUT
        )
    except NO_ANSWER:
        return None
    return found


async def describe(client: Client, workflow_id: str) -> ExecutionState | None:
    """The current state of an execution; None if it is gone. RPCError if Temporal cannot say."""
    handle = client.get_workflow_handle(workflow_id)
    try:
        known = await handle.describe(rpc_timeout=DESCRIBE_TIMEOUT)
    except RPCError as error:
        if is_gone(error):
            return None
        raise
    status = _WORDS.get(known.status, "running") if known.status else "running"
    end = await _end(client, workflow_id) if status == "completed" else None
    return ExecutionState(status=status, run_id=known.run_id, closed_at=known.close_time, end=end)


async def running_ids(client: Client) -> set[str]:
    """The ids of all running executions, as far as Temporal's lists know, which lag by moments."""
    listed = client.list_workflows(RUNNING, page_size=1000, rpc_timeout=DESCRIBE_TIMEOUT)
    return {each.id async for each in listed}


async def _end(client: Client, workflow_id: str) -> CaseEnd | None:
    handle = client.get_workflow_handle(workflow_id, result_type=CaseEnd)
    try:
        end: CaseEnd = await handle.result(rpc_timeout=DESCRIBE_TIMEOUT)
    except (WorkflowFailureError, ValidationError):
        return None
    return end
