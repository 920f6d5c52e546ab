"""Executions as operators see them: lists, counts, one in summary, who polls a queue."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, ListWorkflowExecutionsRequest
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCError, RPCStatusCode

from backend.cases.core.errors import CaseError
from backend.database.pages import BadCursor
from backend.kit.i18n import N_
from backend.temporal.absence import is_gone

PATIENCE = timedelta(seconds=1.5)
AWAY = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.CANCELLED,
}
STATUSES = {
    "Running": N_("Running"),
    "Completed": N_("Completed"),
    "Failed": N_("Failed"),
    "Canceled": N_("Cancelled"),
    "Terminated": N_("Terminated"),
    "TimedOut": N_("Timed out"),
    "ContinuedAsNew": N_("Continued as new"),
}
"""How Temporal's queries spell a status, and how pages do."""


def spelled(status: WorkflowExecutionStatus) -> str:
    """A status as Temporal's queries spell it: `TimedOut`."""
    return "".join(word.capitalize() for word in status.name.split("_"))


class TemporalAway(CaseError):
    """Temporal is not responding, so histories cannot be shown. Cases and approvals still work."""

    status = 503
    code = "temporal_away"


class BadQuery(CaseError):
    """This query is not valid."""

    status = 422
    code = "bad_query"


class NoSuchExecution(CaseError):
    """This execution does not exist, or its history was deleted after the retention period."""

    status = 404
    code = "not_found"


@dataclass(frozen=True)
class Listed:
    """One page of executions, and the token of the next."""

    items: list[WorkflowExecution]
    next: bytes


@contextmanager
def plainly() -> Iterator[None]:
    """Raise what Temporal refuses as errors for operators: BadQuery, NoSuchExecution or TemporalAway."""
    try:
        yield
    except RPCError as error:
        raise _translated(error) from error
    except RuntimeError as error:  # the client could not even connect
        raise TemporalAway from error


@contextmanager
def _own_token(token: bytes) -> Iterator[None]:
    """Raise BadCursor for what Temporal says of a token that it did not give; it has no status of its own for that."""
    try:
        yield
    except RPCError as error:
        if token and error.status not in AWAY:
            raise BadCursor(error.message) from error
        raise


@asynccontextmanager
async def in_time(patience: timedelta = PATIENCE) -> AsyncIterator[None]:
    """TemporalAway if all of it together takes longer than this: one call may be tried several times by the client."""
    try:
        async with asyncio.timeout(patience.total_seconds()):
            yield
    except TimeoutError as error:
        raise TemporalAway from error


def _translated(error: RPCError) -> CaseError:
    if error.status is RPCStatusCode.INVALID_ARGUMENT:
        return BadQuery(N_("Temporal rejected the query: {reason}").format(reason=error.message[:300]))
    if is_gone(error):
        return NoSuchExecution()
    return TemporalAway()


async def list_executions(client: Client, query: str, token: bytes = b"", limit: int = 50) -> Listed:
    """Executions that match Temporal's own query language, newest first. BadCursor if the token is none of a page."""
    with plainly(), _own_token(token):
        found = client.list_workflows(query, page_size=limit, next_page_token=token or None, rpc_timeout=PATIENCE)
        await found.fetch_next_page(page_size=limit)
    return Listed(list(found.current_page or []), found.next_page_token or b"")


async def count_by_status(client: Client, query: str) -> dict[str, int]:
    """How many executions match, by status; statuses without any are left out."""
    grouped = f"{query} GROUP BY ExecutionStatus" if query else "GROUP BY ExecutionStatus"
    with plainly():
        counted = await client.count_workflows(grouped, rpc_timeout=PATIENCE)
    return {str(group.group_values[0]): group.count for group in counted.groups}


async def describe_execution(client: Client, workflow_id: str, run_id: str) -> WorkflowExecutionDescription:
    """One execution now."""
    with plainly():
        return await client.get_workflow_handle(workflow_id, run_id=run_id).describe(rpc_timeout=PATIENCE)


async def pollers(client: Client, queue: str, kind: str) -> int:
    """How many pollers a task queue has."""
    kinds = {
        "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    }
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kinds[kind]
    )
    with plainly():
        answer = await client.workflow_service.describe_task_queue(request, timeout=PATIENCE)
    return len({poller.identity for poller in answer.pollers})


async def temporal_answers(client: Client) -> bool:
    """Whether Temporal answers within 1.5 s."""
    request = ListWorkflowExecutionsRequest(namespace=client.namespace, page_size=1)
    try:
        async with in_time():
            with plainly():
                await client.workflow_service.list_workflow_executions(request, timeout=PATIENCE)
    except CaseError:
        return False
    return True


@dataclass(frozen=True)
class PendingActivity:
    """A pending activity: how often it was attempted, its last failure, when it is retried."""

    name: str
    state: str
    attempt: int
    failure: str
    trace: str
    next_attempt_at: datetime | None
    last_worker: str

    @property
    def title(self) -> str:
        """“Issue purchase order”."""
        return self.name.replace("_", " ").capitalize()


async def pending_activities(client: Client, description: WorkflowExecutionDescription) -> list[PendingActivity]:
    """The pending activities, with their last failure decrypted."""
    found = []
    for raw in description.raw_description.pending_activities:
        failure, trace = "", ""
        if raw.HasField("last_failure"):
            error: Any = await client.data_converter.decode_failure(raw.last_failure)
            failure, trace = str(error), getattr(error, "stack_trace", "") or raw.last_failure.stack_trace
        waits = raw.HasField("next_attempt_schedule_time") or raw.HasField("scheduled_time")
        moment = raw.next_attempt_schedule_time if raw.HasField("next_attempt_schedule_time") else raw.scheduled_time
        found.append(
            PendingActivity(
                name=raw.activity_type.name,
                state=_STATES.get(raw.state, N_("Waiting")),
                attempt=raw.attempt,
                failure=failure,
                trace=trace,
                next_attempt_at=moment.ToDatetime().astimezone() if waits else None,
                last_worker=raw.last_worker_identity,
            )
        )
    return found


_STATES = {1: N_("Scheduled"), 2: N_("Running"), 3: N_("Cancel requested")}
