"""The relay process: it delivers the outbox, sends emails, decides bulk jobs and reconciles open cases."""

import asyncio
import logging
from functools import partial

from temporalio.service import RPCError

from backend.cases.approvals.decide.decision_links import DecisionLinks
from backend.cases.core.worker_loop import WorkerLoop
from backend.cases.inbox.bulk_runner import BulkRunner
from backend.cases.mailer.emails import EmailWriter
from backend.cases.mailer.mailer import Mailer
from backend.cases.outbox.relay import Relay
from backend.cases.reconcile.executions import Reconciled, reconcile
from backend.database.engine import Database
from backend.processes import by_key
from backend.services.email import open_sender
from backend.settings import Settings
from backend.temporal.client import connect
from backend.temporal.delivery import TemporalDelivery
from backend.temporal.queries import describe, waits_of

log = logging.getLogger(__name__)
RECONCILE_SECONDS = 60
CASES_EACH_TIME = 200  # a query wakes a workflow, so each time some of those that wait are compared


async def reconcile_once(settings: Settings, database: Database) -> Reconciled:
    """Reconcile every open case once. RPCError or RuntimeError if Temporal is away."""
    client = await connect(settings)
    return await reconcile(database, partial(describe, client), partial(waits_of, client))


async def run_relay(settings: Settings, stop: asyncio.Event) -> None:
    """Deliver, send emails, decide bulk jobs and reconcile until `stop` is set."""
    database = Database(settings.database_url, settings.database_pool_size)
    client = await connect(settings, lazy=True)

    async def reconcile_some() -> bool:
        found = await reconcile(database, partial(describe, client), partial(waits_of, client), most=CASES_EACH_TIME)
        for reference, state in found.repaired.items():
            log.warning("case %s was repaired: %s", reference, state)
        return False

    cannot_connect = (RPCError, RuntimeError)  # the latter is what the client raises until it is connected
    reconciler = WorkerLoop("The reconciler", reconcile_some, poll=RECONCILE_SECONDS, passing=cannot_connect)
    keys = settings.keys()
    writer = EmailWriter(settings.base_url, by_key(), DecisionLinks(keys) if keys else None)
    reconciling = asyncio.create_task(reconciler.run(stop))
    try:
        async with asyncio.TaskGroup() as work:
            work.create_task(Relay(database, TemporalDelivery(client, by_key())).run(stop))
            work.create_task(BulkRunner(database, by_key()).run(stop))
            work.create_task(Mailer(database, writer.write, open_sender(settings, database)).run(stop))
    finally:
        reconciling.cancel()
        await database.close()
