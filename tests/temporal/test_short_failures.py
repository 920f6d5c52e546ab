"""A failure keeps its type, its message and its innermost cause, however long its trace is."""

from datetime import timedelta
from uuid import uuid4

from temporalio import activity, workflow
from temporalio.api.failure.v1 import Failure
from temporalio.common import RetryPolicy
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from backend.temporal.client import SharedConverter
from backend.temporal.executions import pending_activities
from backend.temporal.short_failures import ShortFailures
from backend.workers.sandbox import sandbox
from tests.support.conditions import eventually

LONGEST = 4000  # what Temporal keeps of the last failure of an activity
FIRST, LAST = "The ERP refused the order", "no route to host 10.0.0.7"


def deep(depth: int) -> None:
    """Fail with a long trace, a long message, and many causes."""
    if depth:
        deep(depth - 1)
    raise OSError(LAST)


def failing() -> None:
    """Fail as deeply nested code does."""
    error: Exception | None = None
    try:
        deep(60)
    except OSError as cause:
        error = cause
    for number in range(6):
        wrapped = RuntimeError(f"wrapped {number} " + "x" * 3000)
        wrapped.__cause__ = error
        error = wrapped
    raise ValueError(f"{FIRST}: " + "details " * 500) from error


@activity.defn
async def always_fails() -> None:
    """What a broken release does."""
    failing()


@workflow.defn
class FailingWorkflow:
    """Waits for an activity that never works."""

    @workflow.run
    async def run(self) -> None:
        """Try it again and again."""
        await workflow.execute_activity(
            always_fails,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(initial_interval=timedelta(minutes=5)),
        )


def test_it_fits_and_says_what_happened() -> None:
    converter, failure = ShortFailures(), Failure()
    try:
        failing()
    except ValueError as error:
        converter.to_failure(error, SharedConverter(), failure)
    assert failure.ByteSize() < LONGEST - 500  # encrypted, each part is a little longer
    assert (failure.message, failure.stack_trace) == ("Encoded failure", "")
    found: BaseException | None = converter.from_failure(failure, SharedConverter())
    said = []
    while found is not None:
        said.append(str(found))
        found = found.__cause__
    assert said[0].startswith(f"ValueError: {FIRST}")
    assert said[-1] == f"OSError: {LAST}"


async def test_temporal_keeps_it_as_the_last_failure_of_a_pending_activity(
    time_machine_server: WorkflowEnvironment,
) -> None:
    client, queue = time_machine_server.client, f"failing-{uuid4()}"
    worker = Worker(
        client, task_queue=queue, workflows=[FailingWorkflow], activities=[always_fails], workflow_runner=sandbox()
    )
    async with worker:
        with time_machine_server.with_time_skipping_disabled():
            handle = await client.start_workflow(FailingWorkflow.run, id=str(uuid4()), task_queue=queue)

            async def failure() -> str:
                pending = await pending_activities(client, await handle.describe())
                return pending[0].failure if pending else ""

            assert FIRST in await eventually(failure)
            await handle.terminate()
