"""The postman: takes queued mails from the ledger, has them written, and hands them over, each once.

A row is claimed by one postman with a lease, and its Message-ID is made of the row's own id. One doubt remains that
SMTP leaves to everybody: if the postman dies, or loses the database, after the server took a mail and before the row
says so, the mail goes out again when the lease ends. It then carries the same Message-ID, by which mailboxes can tell.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Interval, bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.telling.digests import bind_digests
from backend.cases.telling.letters import Unneeded
from backend.cases.telling.quiet_times import may_leave_at
from backend.cases.telling.tell import CHANNEL
from backend.database.engine import Database
from backend.database.errors import DatabaseAway
from backend.database.listening import listen
from backend.database.tables import Delivery, MailPreference, Tenant
from backend.kit.letter import Letter, Mail, MailDelayed, MailRefused

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0

_CLAIM = text("""
    UPDATE deliveries SET due_at = clock_timestamp() + :lease, attempts = attempts + 1
    WHERE id IN (SELECT id FROM deliveries
                 WHERE state IN ('queued', 'retried') AND due_at <= clock_timestamp()
                 ORDER BY due_at LIMIT :many FOR UPDATE SKIP LOCKED)
    RETURNING *
""").bindparams(bindparam("lease", type_=Interval))

# Whose lease ran out before its turn came has lost the mail to somebody else.
_STILL_MINE = text("""
    UPDATE deliveries SET due_at = clock_timestamp() + :lease
    WHERE id = :id AND attempts = :attempts AND state IN ('queued', 'retried')
""").bindparams(bindparam("lease", type_=Interval))

Write = Callable[[AsyncSession, Delivery], Awaitable[Letter]]


@dataclass(frozen=True)
class Patience:
    """How often a mail is tried and how long between: the pause doubles. The defaults last for most of a day."""

    attempts: int = 30
    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(hours=1)
    lease: timedelta = timedelta(minutes=2)

    def pause(self, attempts: int) -> timedelta:
        """How long to wait after this many attempts."""
        return min(self.first_pause * (1 << min(attempts - 1, 20)), self.longest_pause)


class Postman:
    """Sends mails within moments of their commit, a few at a time."""

    def __init__(
        self, database: Database, write: Write, mail: Mail, patience: Patience | None = None, at_once: int = 10
    ) -> None:
        self._database = database
        self._write = write
        self._mail = mail
        self._patience = patience or Patience()
        self._at_once = at_once
        self._bell = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop; then finish what is under way."""
        listener = asyncio.create_task(listen(self._database.url, CHANNEL, lambda _: self._bell.set()))
        while not stop.is_set():
            try:
                await bind_digests(self._database)
                claimed = await self.claim()
            except DatabaseAway:
                log.warning("The database is away; mails wait.")
                claimed = []
            await asyncio.gather(*(self.deliver(row) for row in claimed))
            if not claimed:
                await self._rest(stop)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)

    async def _rest(self, stop: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                if not stop.is_set():
                    await self._bell.wait()
        self._bell.clear()

    async def claim(self) -> Sequence[Delivery]:
        """Some mails that are due, ours until the lease runs out."""
        async with self._database.across_tenants() as session:
            given = {"lease": self._patience.lease, "many": self._at_once}
            found = await session.execute(_CLAIM, given)
            return [Delivery(**row) for row in found.mappings()]

    async def deliver(self, row: Delivery) -> None:
        """Send one mail and write down how that ended; if the database is away, the lease runs out."""
        try:
            if not await self._holds(row):
                return
            changes = await self._attempt(row)
            async with self._database.transaction(row.tenant_id) as session:
                if changes["state"] == "retried":
                    changes["due_at"] = await self._next_try(session, row)
                await _settle(session, row, changes)
        except DatabaseAway:
            log.warning("The database is away; delivery %s waits.", row.id)

    async def _holds(self, row: Delivery) -> bool:
        async with self._database.transaction(row.tenant_id) as session:
            given = {"id": row.id, "attempts": row.attempts, "lease": self._patience.lease}
            held = await session.execute(_STILL_MINE, given)
            return bool(held.rowcount)

    async def _attempt(self, row: Delivery) -> dict[str, object]:
        try:
            async with self._database.transaction(row.tenant_id) as session:
                letter = await self._write(session, row)
            answer = await self._mail.send(letter)
        except Unneeded as moot:
            return {"state": "dropped", "reason": str(moot)}
        except MailRefused as refused:
            return {"state": "failed", "reason": str(refused)}
        except MailDelayed as delayed:
            return self._try_later(row, str(delayed))
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001 - a defect of ours must neither stop the others nor lose this mail
            log.warning("delivery %s could not be written or sent: %s", row.id, type(error).__name__)
            return self._try_later(row, f"This mail could not be written: {type(error).__name__}.")
        provider = {"reason": "", "provider_id": f"{letter.message_id} {answer}"}
        return {"state": "sent", "sent_at": func.clock_timestamp(), **provider}

    def _try_later(self, row: Delivery, reason: str) -> dict[str, object]:
        given_up = row.attempts >= self._patience.attempts
        return {"state": "failed" if given_up else "retried", "reason": reason}

    async def _next_try(self, session: AsyncSession, row: Delivery) -> object:
        """After a pause, and not within the quiet hours."""
        wishes = await session.get(MailPreference, row.person_id)
        tenant = await session.get_one(Tenant, row.tenant_id)
        now = await session.scalar(select(func.clock_timestamp()))
        return may_leave_at(wishes, now + self._patience.pause(row.attempts), ZoneInfo(tenant.time_zone))


async def _settle(session: AsyncSession, row: Delivery, changes: dict[str, object]) -> None:
    await session.execute(update(Delivery).where(Delivery.id == row.id).values(changes))
    if changes["state"] in {"sent", "dropped"}:
        ended = {"state": changes["state"], "sent_at": func.clock_timestamp() if "sent_at" in changes else None}
        await session.execute(update(Delivery).where(Delivery.digest_id == row.id).values(ended))
