"""The relay process: delivery from the outbox, the postman, bulk decisions, and the reconciler beside them."""

import asyncio
import contextlib
import logging
from functools import partial

from temporalio.service import RPCError

from backend.cases.approvals.decide.decision_links import DecisionLinks
from backend.cases.core.worker_loop import keep_running
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
AT_ONCE = 200  # a question wakes a workflow, so each round looks at some of those that wait


async def reconcile_once(settings: Settings, database: Database) -> Reconciled:
    """Look at every open case once. RPCError or RuntimeError if Temporal is away."""
    client = await connect(settings)
    return await reconcile(database, partial(describe, client), partial(waits_of, client))


async def run_relay(settings: Settings, stop: asyncio.Event) -> None:
    """Deliver, send mails, decide bulk jobs and reconcile until told to stop."""
    database = Database(settings.database_url, settings.database_pool_size)
    client = await connect(settings, lazy=True)

    async def look_around() -> None:
        while not stop.is_set():
            with keep_running(log, "The reconciler", RPCError, RuntimeError):  # RuntimeError: the client cannot connect
                found = await reconcile(database, partial(describe, client), partial(waits_of, client), most=AT_ONCE)
                for reference, state in found.repaired.items():
                    log.warning("case %s was repaired: %s", reference, state)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RECONCILE_SECONDS)

    keys = settings.keys()
    letters = EmailWriter(settings.base_url, DecisionLinks(keys) if keys else None)
    reconciler = asyncio.create_task(look_around())
    try:
        async with asyncio.TaskGroup() as work:
            work.create_task(Relay(database, TemporalDelivery(client, by_key())).run(stop))
            work.create_task(BulkRunner(database, by_key()).run(stop))
            work.create_task(Mailer(database, letters.write, open_sender(settings, database)).run(stop))
    finally:
        reconciler.cancel()
        await database.close()
