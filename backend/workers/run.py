"""Run the workers of a domain until they are stopped, then let them finish their tasks."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Literal

from temporalio.client import Client
from temporalio.worker import Worker

from backend.activities.close_approval_activity import close_approval
from backend.activities.close_offer_activity import close_offer
from backend.activities.core.services import Services
from backend.activities.escalate_approval_activity import escalate_approval
from backend.activities.look_up_address_activity import look_up_address
from backend.activities.look_up_rating_activity import look_up_rating
from backend.activities.notify_approvers_activity import notify_approvers
from backend.activities.open_approval_activity import open_approval
from backend.activities.read_case_activity import read_case
from backend.activities.remind_approvers_activity import remind_approvers
from backend.activities.report_progress_activity import report_progress
from backend.cases.operations.heartbeats import Pulse, beating
from backend.database.engine import Database
from backend.kit.process import Process
from backend.processes import PROCESSES, domains
from backend.settings import Settings
from backend.temporal.client import connect, worker_client, worker_runtime
from backend.workers.alarms import Alarms
from backend.workers.approved_effects import ApprovedEffects
from backend.workers.failures import FailureNotes
from backend.workers.injection import ServiceInjection
from backend.workers.ports import open_services
from backend.workers.sandbox import sandbox
from backend.workers.tuning import CACHED_WORKFLOWS, POLLERS, WORKFLOW_TASKS, Tuning
from backend.workflows.core.task_queues import activity_queue, workflow_queue

log = logging.getLogger(__name__)

Kind = Literal["workflow", "activity"]
WORKFLOW_WRITES: Sequence[Callable[..., Any]] = (
    open_approval,
    close_approval,
    close_offer,
    remind_approvers,
    escalate_approval,
    report_progress,
    read_case,
    notify_approvers,
    look_up_address,
    look_up_rating,
)


def workflows_of(processes: Iterable[Process]) -> list[type[Any]]:
    """The workflows of these processes and their children, each once."""
    every = (each for process in processes for each in (process.workflow, *process.children))
    return list(dict.fromkeys(every))


def workflow_worker(
    client: Client, domain: str, processes: Sequence[Process], services: Services, tuning: Tuning
) -> Worker:
    """Runs the domain's workflows, with their `workflow_writes` as local activities."""
    return Worker(
        worker_client(client),
        task_queue=workflow_queue(domain),
        workflows=workflows_of(processes),
        activities=WORKFLOW_WRITES,
        interceptors=[FailureNotes(services.database), ServiceInjection(services)],
        workflow_runner=sandbox(Alarms(services.database)),
        no_remote_activities=True,  # workflow_writes are local activities; nobody polls for them
        max_cached_workflows=CACHED_WORKFLOWS,
        max_concurrent_workflow_tasks=WORKFLOW_TASKS,
        max_concurrent_local_activities=tuning.workflow_writes,
        workflow_task_poller_behavior=POLLERS,
        graceful_shutdown_timeout=tuning.grace,
        deployment_config=tuning.deployment,
    )


def activity_worker(
    client: Client, domain: str, processes: Sequence[Process], services: Services, tuning: Tuning
) -> Worker:
    """Runs the domain's effects on external systems."""
    activities = {activity for process in processes for activity in process.activities}
    return Worker(
        worker_client(client),
        task_queue=activity_queue(domain),
        activities=sorted(activities, key=lambda activity: activity.__name__),
        interceptors=[
            FailureNotes(services.database),
            ServiceInjection(services),
            ApprovedEffects(services.database, processes),
        ],
        max_concurrent_activities=tuning.effects,
        activity_task_poller_behavior=POLLERS,
        graceful_shutdown_timeout=tuning.grace,
        deployment_config=tuning.deployment,
    )


MAKERS: dict[Kind, Callable[..., Worker]] = {"workflow": workflow_worker, "activity": activity_worker}


async def run_workers(settings: Settings, domain: str | None, kind: Kind | None, stop: asyncio.Event) -> None:
    """Run the workers of one domain or all, of one kind or both, until `stop` is set."""
    kinds: list[Kind] = [kind] if kind else ["workflow", "activity"]
    tuning = Tuning.of(settings)
    database = Database(settings.database_url, settings.database_pool_size)
    client = await connect(settings, runtime=worker_runtime())
    workers: list[Worker] = []
    named: dict[Kind, Callable[[str], str]] = {"workflow": workflow_queue, "activity": activity_queue}
    queues = [named[one](each) for one in kinds for each in ([domain] if domain else domains(one))]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        services = await stack.enter_async_context(open_services(settings, database))
        for one in kinds:
            for each in [domain] if domain else domains(one):
                processes = [process for process in PROCESSES if process.domain == each]
                workers.append(MAKERS[one](client, each, processes, services, tuning))
                await stack.enter_async_context(workers[-1])
                log.info("%s worker of %s listens", one, each)
        await stack.enter_async_context(beating(Pulse(database, "worker", queues)))
        await stop.wait()
        # All at once: one after the other, each with its grace period, would take longer than the supervisor waits.
        await asyncio.gather(*(worker.shutdown() for worker in workers))
