"""What an execution waits for right now, as Temporal says: its pending activities, and its own next step."""

from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client
from temporalio.service import RPCError

from backend.cases.reconcile.failures import Pending
from backend.temporal.absence import is_gone

TIMEOUT = timedelta(seconds=5)
LAST_EVENTS = 20
# Temporal marks an execution with it after several failed workflow tasks in a row.
TROUBLED = "ExecutionStatus = 'Running' AND TemporalReportedProblems IS NOT NULL"


async def pending_of(client: Client, workflow_id: str) -> Pending | None:
    """What it waits for; None if it is gone or closed. RPCError if Temporal cannot say."""
    handle = client.get_workflow_handle(workflow_id)
    try:
        described = await handle.describe(rpc_timeout=TIMEOUT)
    except RPCError as error:
        if is_gone(error):
            return None
        raise
    if described.close_time is not None:
        return None
    raw = described.raw_description
    task = raw.pending_workflow_task
    return Pending(
        activities={each.activity_id: each.attempt for each in raw.pending_activities},
        task_attempts=task.attempt if raw.HasField("pending_workflow_task") else 0,
    )


async def workflow_task_failure(client: Client, workflow_id: str) -> str:
    """The type and message of the last failed workflow task; empty if its history has none at its end."""
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=workflow_id),
        maximum_page_size=LAST_EVENTS,
    )
    found = await client.workflow_service.get_workflow_execution_history_reverse(request, timeout=TIMEOUT)
    for event in found.history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            failure = event.workflow_task_failed_event_attributes.failure
            return str(await client.data_converter.decode_failure(failure))
    return ""


async def with_problems(client: Client) -> list[str]:
    """The ids of running executions whose own code failed several times in a row."""
    return [each.id async for each in client.list_workflows(TROUBLED, limit=100, rpc_timeout=TIMEOUT)]
