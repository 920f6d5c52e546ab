"""Parts of a case receive every change of plan, whenever it comes."""

import asyncio
from uuid import uuid4

from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from backend.workers.sandbox import sandbox
from tests.support.parts_workflow import PartsWorkflow, PartWorkflow

SECONDS = 20


async def test_a_part_that_is_only_starting_hears_of_a_change_of_plan(time_machine_server: WorkflowEnvironment) -> None:
    client, queue = time_machine_server.client, "parts"
    worker = Worker(client, task_queue=queue, workflows=[PartsWorkflow, PartWorkflow], workflow_runner=sandbox())
    async with worker:
        with time_machine_server.with_time_skipping_disabled():
            handle = await client.start_workflow(PartsWorkflow.run, id=f"parts-{uuid4()}", task_queue=queue)
            try:
                assert await asyncio.wait_for(handle.result(), SECONDS) == {"Department": "Workshop"}
            except TimeoutError:
                await handle.terminate()
                await client.get_workflow_handle(f"{handle.id}.part").terminate()
                raise
