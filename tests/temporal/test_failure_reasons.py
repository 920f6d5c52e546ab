"""Why an execution ended, and why a step failed, is on its page: in the header and in the compact view."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from backend.temporal.execution_view import ExecutionView, Look, read_execution
from backend.workers.sandbox import sandbox

REASON = "The carrier does not deliver to this address"


@activity.defn
async def refuse() -> None:
    """What another system says."""
    raise ApplicationError(REASON, type="RefusedForGood", non_retryable=True)


@workflow.defn
class RefusedWorkflow:
    """Fails with its only step."""

    @workflow.run
    async def run(self) -> None:
        """Try it once."""
        once = RetryPolicy(maximum_attempts=1)
        await workflow.execute_activity(refuse, start_to_close_timeout=timedelta(seconds=10), retry_policy=once)


async def refused(client: Client, workflow_id: str) -> WorkflowHandle[Any, Any]:
    """An execution with this id that has failed."""
    queue = f"refused-{uuid4()}"
    worker = Worker(
        client, task_queue=queue, workflows=[RefusedWorkflow], activities=[refuse], workflow_runner=sandbox()
    )
    async with worker:
        handle = await client.start_workflow(RefusedWorkflow.run, id=workflow_id, task_queue=queue)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    return handle


async def test_a_failed_execution_says_why(time_machine_server: WorkflowEnvironment) -> None:
    client = time_machine_server.client
    handle = await refused(client, str(uuid4()))
    view = await read_execution(client, handle.id, str(handle.first_execution_run_id), Look())
    assert REASON in view.reason
    assert {group.title: REASON in group.why for group in view.groups} == {
        "Workflow started": False,
        "Refuse": True,
        "Workflow closed": True,
    }


async def test_a_terminated_execution_says_why(time_machine_server: WorkflowEnvironment) -> None:
    client = time_machine_server.client
    handle = await client.start_workflow(RefusedWorkflow.run, id=str(uuid4()), task_queue=f"nobody-{uuid4()}")
    await handle.terminate(reason="It was started by mistake")
    view: ExecutionView = await read_execution(client, handle.id, str(handle.first_execution_run_id), Look())
    assert view.reason == "It was started by mistake"
