"""Every worker of the relay process stops at once, even while it rests."""

import asyncio

import pytest

from backend.cases.inbox import bulk_runner
from backend.cases.inbox.bulk_runner import BulkRunner
from backend.cases.mailer import mailer
from backend.cases.mailer.emails import EmailWriter
from backend.cases.mailer.mailer import Mailer
from backend.cases.outbox import relay
from backend.cases.outbox.relay import Relay
from backend.database.engine import Database
from backend.database.tables import OutboxRow
from backend.processes import by_key
from backend.services.email import MailboxSender


class Stop(asyncio.Event):
    """A stop event that notices when a worker rests: workers check it before each round and before they rest."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.rested = asyncio.Event()

    def is_set(self) -> bool:
        """Whether to stop; counts the checks."""
        self.looks += 1
        if self.looks == 2:
            self.rested.set()
        return super().is_set()


async def taken(_: OutboxRow) -> str | None:
    """Accept the row without delivering it."""
    return None


@pytest.mark.parametrize("who", ["relay", "postman", "runner"])
async def test_who_rests_stops_at_once(who: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (relay, mailer, bulk_runner):
        monkeypatch.setattr(module, "POLL_SECONDS", 600)
    workers = {
        "relay": Relay(database, taken),
        "postman": Mailer(database, EmailWriter("http://127.0.0.1", by_key()).write, MailboxSender(database)),
        "runner": BulkRunner(database, by_key()),
    }
    stop = Stop()
    running = asyncio.create_task(workers[who].run(stop))
    async with asyncio.timeout(20):
        await stop.rested.wait()
        stop.set()
        await running
