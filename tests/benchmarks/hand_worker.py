"""The workers for the steps by hand, configured like our own. `python -m` runs one of a kind."""

import asyncio
import json
import sys
from dataclasses import replace

import asyncpg
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from backend.process_exit import exit_now
from backend.settings import settings
from backend.temporal.client import data_converter
from backend.workers.sandbox import PASSED_THROUGH
from backend.workers.tuning import CACHED_WORKFLOWS, POLLERS, WORKFLOW_TASKS
from tests.benchmarks.steps_by_hand import ACTIVITIES, WORKFLOWS, CreditByHand, OrderByHand, Steps

CONNECTIONS = 10


def worker(kind: str, client: Client, steps: Steps) -> Worker:
    """A worker of this kind, tuned like our own."""
    if kind == "activity":
        return Worker(
            client,
            task_queue=ACTIVITIES,
            activities=[steps.rating, steps.reserve, steps.charge, steps.ship, steps.confirm],
            max_concurrent_activities=CONNECTIONS * 5,
            activity_task_poller_behavior=POLLERS,
        )
    passed = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH, "tests", "asyncpg")
    return Worker(
        client,
        task_queue=WORKFLOWS,
        workflows=[CreditByHand, OrderByHand],
        activities=[steps.addresses],
        workflow_runner=SandboxedWorkflowRunner(restrictions=passed),
        no_remote_activities=True,
        max_cached_workflows=CACHED_WORKFLOWS,
        max_concurrent_workflow_tasks=WORKFLOW_TASKS,
        workflow_task_poller_behavior=POLLERS,
    )


async def serve(kind: str) -> None:
    """Run until killed."""

    async def with_json(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")

    url = settings().database_url.replace("+asyncpg", "")
    pool = await asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS, init=with_json)
    known = settings()
    codec = data_converter(known.payload_keys, known.temporal_namespace).payload_codec
    converter = replace(pydantic_data_converter, payload_codec=codec)
    address, namespace = known.temporal_address, known.temporal_namespace
    client = await Client.connect(address, namespace=namespace, data_converter=converter)
    async with worker(kind, client, Steps(pool)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(serve(sys.argv[1]))
    except KeyboardInterrupt:
        exit_now(0)
