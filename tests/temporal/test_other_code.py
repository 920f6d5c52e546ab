"""A workflow with unreadable responses breaks neither its page nor the reconciler."""

from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from backend.temporal.queries import describe, progress_of, waits_of
from tests.support.odd_workflow import OddWorkflow


async def test_what_cannot_be_read_is_no_answer(time_machine_server: WorkflowEnvironment) -> None:
    client = time_machine_server.client
    async with Worker(client, task_queue="odd", workflows=[OddWorkflow]):
        handle = await client.start_workflow(OddWorkflow.run, id="odd", task_queue="odd")
        assert await waits_of(client, "odd") is None
        assert await progress_of(client, "odd") is None
        await handle.signal(OddWorkflow.end)
        await handle.result()
    found = await describe(client, "odd")
    assert found is not None
    assert (found.status, found.end) == ("completed", None)
