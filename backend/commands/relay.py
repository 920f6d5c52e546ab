"""The relay process: it delivers the outbox, sends emails, decides bulk jobs and reconciles open cases."""

import asyncio
import logging
from functools import partial

from temporalio.client import Client
from temporalio.service import RPCError

from backend.cases.approvals.decide.decision_links import DecisionLinks
from backend.cases.audit.anchors import Anchors
from backend.cases.audit.verify import heads
from backend.cases.core.password_links import PasswordLinks
from backend.cases.core.worker_loop import WorkerLoop
from backend.cases.inbox.bulk_runner import BulkRunner
from backend.cases.mailer.emails import EmailWriter
from backend.cases.mailer.mailer import Mailer
from backend.cases.operations.heartbeats import Pulse, beating
from backend.cases.outbox.relay import Relay
from backend.cases.reconcile.approvals import reconcile_approvals
from backend.cases.reconcile.executions import Reconciled, reconcile, reconcile_executions
from backend.cases.reconcile.failures import WorkflowProblems, watch_failures
from backend.database.engine import Database
from backend.processes import by_key
from backend.services.email import open_sender
from backend.settings import Settings
from backend.temporal.client import connect
from backend.temporal.delivery import TemporalDelivery
from backend.temporal.pending import pending_of, with_problems, workflow_task_failure
from backend.temporal.queries import describe, running_ids, waits_of

log = logging.getLogger(__name__)
RECONCILE_SECONDS = 60
FIND_ENDED_SECONDS = 20
ANCHOR_SECONDS = 60
WATCH_SECONDS = 5
CANNOT_CONNECT = (RPCError, RuntimeError)  # the latter is what the client raises until it is connected
CASES_EACH_TIME = 200  # a query wakes a workflow, so each time some of those that wait are compared


async def reconcile_once(settings: Settings, database: Database) -> Reconciled:
    """Reconcile every open case once. RPCError or RuntimeError if Temporal is away."""
    client = await connect(settings)
    return await reconcile(database, partial(describe, client), partial(waits_of, client))


async def run_relay(settings: Settings, stop: asyncio.Event) -> None:
    """Deliver messages, send emails, decide bulk jobs and reconcile until `stop` is set."""
    database = Database(settings.database_url, settings.database_pool_size)
    client = await connect(settings, lazy=True)
    keys = settings.keys()
    links = PasswordLinks(keys, settings.base_url)
    writer = EmailWriter(settings.base_url, by_key(), DecisionLinks(keys), links)
    maintenance = [asyncio.create_task(loop.run(stop)) for loop in maintenance_loops(settings, database, client)]
    try:
        async with beating(Pulse(database, "relay")), asyncio.TaskGroup() as work:
            work.create_task(Relay(database, TemporalDelivery(client, by_key())).run(stop))
            work.create_task(BulkRunner(database, by_key()).run(stop))
            work.create_task(Mailer(database, writer.write, open_sender(settings, database)).run(stop))
    finally:
        for loop in maintenance:
            loop.cancel()
        await database.close()


def maintenance_loops(settings: Settings, database: Database, client: Client) -> list[WorkerLoop]:
    """The loops that reconcile, watch failures and anchor the audit log; each may be interrupted at any moment."""
    temporal = WorkflowProblems(
        partial(pending_of, client), partial(workflow_task_failure, client), partial(with_problems, client)
    )
    anchors = Anchors(settings.data_dir, settings.keys())

    async def find_ended() -> bool:
        found = await reconcile_executions(database, partial(describe, client), partial(running_ids, client))
        for reference, state in found.repaired.items():
            log.warning("case %s was repaired: %s", reference, state)
        return False

    async def compare_approvals() -> bool:
        await reconcile_approvals(database, partial(waits_of, client), most=CASES_EACH_TIME)
        return False

    async def watch() -> bool:
        await watch_failures(database, by_key(), temporal)
        return False

    async def anchor() -> bool:
        await asyncio.to_thread(anchors.add, await heads(database))
        return False

    return [
        WorkerLoop("The reconciler", find_ended, poll=FIND_ENDED_SECONDS, passing=CANNOT_CONNECT),
        WorkerLoop("The comparison of approvals", compare_approvals, poll=RECONCILE_SECONDS, passing=CANNOT_CONNECT),
        WorkerLoop("The watch", watch, poll=WATCH_SECONDS, passing=CANNOT_CONNECT),
        WorkerLoop("The anchors", anchor, poll=ANCHOR_SECONDS),
    ]
