"""The same work on the bare SDK, without codec, read model or journal. `python -m` runs its worker."""

import asyncio
import sys
from datetime import timedelta
from uuid import uuid4

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from backend.process_exit import exit_now

QUEUE = "by-hand"
SHORT = timedelta(seconds=30)


@activity.defn
async def reserve(reference: str) -> str:
    """A placeholder for reserving a budget."""
    return reference


@activity.defn
async def order(reference: str) -> str:
    """A placeholder for issuing an order."""
    return reference


@workflow.defn
class ByHand:
    """Wait for one decision, then run two activities."""

    def __init__(self) -> None:
        self.answered = False

    @workflow.signal
    def answer(self) -> None:
        """The approval."""
        self.answered = True

    @workflow.run
    async def run(self, reference: str) -> str:
        """Wait for the approval, then run two effects."""
        await workflow.wait_condition(lambda: self.answered)
        await workflow.execute_activity(reserve, reference, start_to_close_timeout=SHORT)
        return await workflow.execute_activity(order, reference, start_to_close_timeout=SHORT)


@workflow.defn
class OpenByHand:
    """Run the one activity that would open an approval."""

    @workflow.run
    async def run(self, reference: str) -> str:
        """Open the approval."""
        return await workflow.execute_activity(reserve, reference, start_to_close_timeout=SHORT)


async def open_by_hand(client: Client) -> None:
    """Start a workflow and wait until its approval is open."""
    await client.execute_workflow(OpenByHand.run, "", id=f"open-{uuid4()}", task_queue=QUEUE)


async def start(client: Client) -> str:
    """Start a workflow and return its id."""
    workflow_id = f"by-hand-{uuid4()}"
    await client.start_workflow(ByHand.run, workflow_id, id=workflow_id, task_queue=QUEUE)
    return workflow_id


async def round_trip(client: Client) -> None:
    """Start a workflow, signal the decision, and wait for its end."""
    handle = client.get_workflow_handle(await start(client))
    await handle.signal(ByHand.answer)
    await handle.result()


async def serve(address: str, namespace: str) -> None:
    """Run until killed."""
    client = await Client.connect(address, namespace=namespace)
    async with Worker(client, task_queue=QUEUE, workflows=[ByHand, OpenByHand], activities=[reserve, order]):
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(serve(*sys.argv[1:3]))
    except KeyboardInterrupt:
        exit_now(0)
