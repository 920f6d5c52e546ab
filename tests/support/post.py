"""Running mailers, the rows of the email log, and the sent emails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage

from sqlalchemy import select

from backend.cases.mailer.emails import EmailWriter
from backend.cases.mailer.mailer import Mailer, RetrySchedule
from backend.database.engine import Database
from backend.database.tables import Delivery
from backend.kit.email import EmailSender
from backend.processes import by_key
from backend.services.email import SmtpSender
from tests.support.conditions import eventually
from tests.support.smtp import Inbox, serving

SENDER = "Countersign <countersign@desk.test>"
BASE = "https://desk.test"
HASTY = RetrySchedule(attempts=3, first_pause=timedelta(milliseconds=50), lease=timedelta(seconds=30))
FINN, FAY, ANN = "finn@example.com", "fay@example.com", "ann@example.com"


@asynccontextmanager
async def postmen(database: Database, *mails: EmailSender, retries: RetrySchedule = HASTY) -> AsyncIterator[None]:
    """Run a mailer for each of these senders inside this block."""
    stop = asyncio.Event()
    write = EmailWriter(BASE, by_key()).write
    running = [asyncio.create_task(Mailer(database, write, mail, retries).run(stop)) for mail in mails]
    yield
    stop.set()
    await asyncio.gather(*running)


async def ledger(database: Database) -> list[Delivery]:
    """The rows of the email log, by person."""
    async with database.across_tenants() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.person_id, Delivery.created_at)))


async def settled(database: Database) -> list[Delivery] | None:
    """The rows of the email log once none is due; None before that."""
    rows = await ledger(database)
    return None if any(row.state in {"queued", "retried"} for row in rows) else rows


async def delivered_to(inbox: Inbox, database: Database) -> list[Delivery]:
    """Send everything to this server and return the rows of the email log."""
    with serving(inbox) as url:
        async with postmen(database, SmtpSender(url, SENDER)):
            return await eventually(lambda: settled(database))


def body(mail: EmailMessage, kind: str = "plain") -> str:
    """The text or the HTML part of an email."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())
