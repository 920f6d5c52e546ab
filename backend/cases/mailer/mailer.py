"""The postman: takes queued mails from the ledger, has them written, and hands them over, each once.

A row is claimed by one postman with a lease, and its Message-ID is made of the row's own id. One doubt remains that
SMTP leaves to everybody: if the postman dies, or loses the database, after the server took a mail and before the row
says so, the mail goes out again when the lease ends. It then carries the same Message-ID, by which mailboxes can tell.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Interval, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.worker_loop import WorkerLoop
from backend.cases.mailer.digests import bind_digests
from backend.cases.mailer.emails import NotNeeded, read_ahead
from backend.cases.notifications.notify import CHANNEL
from backend.cases.notifications.quiet_hours import may_leave_at
from backend.database.engine import Database
from backend.database.errors import DatabaseAway
from backend.database.tables import Delivery, EmailPreference, Tenant
from backend.kit.email import Email, EmailDelayed, EmailRefused, EmailSender

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
GATHER_SECONDS = 0.5  # mails that are written within it leave together
SETTLE_SECONDS = 0.5  # a slow server holds up no mail that has arrived

_CLAIM = text("""
    UPDATE deliveries SET due_at = clock_timestamp() + :lease, attempts = attempts + 1
    WHERE id IN (SELECT id FROM deliveries
                 WHERE state IN ('queued', 'retried') AND due_at <= clock_timestamp()
                 ORDER BY due_at LIMIT :many FOR UPDATE SKIP LOCKED)
    RETURNING *
""").bindparams(bindparam("lease", type_=Interval))

# Whose lease ran out before its turn came has lost the mail to somebody else.
_STILL_MINE = text("""
    UPDATE deliveries d SET due_at = clock_timestamp() + :lease
    FROM unnest(cast(:ids AS uuid[]), cast(:attempts AS int[])) AS mine(id, attempts)
    WHERE d.id = mine.id AND d.attempts = mine.attempts AND d.state IN ('queued', 'retried')
    RETURNING d.id
""").bindparams(bindparam("lease", type_=Interval))

# What a digest holds ends as the digest does.
_SETTLE = text("""
    WITH ended AS (
        SELECT * FROM unnest(cast(:ids AS uuid[]), cast(:states AS text[]), cast(:reasons AS text[]),
                             cast(:providers AS text[]), cast(:dues AS timestamptz[]))
                      AS e(id, state, reason, provider_id, due_at)
    ), held AS (
        UPDATE deliveries d SET state = e.state, sent_at = CASE e.state WHEN 'sent' THEN clock_timestamp() END
        FROM ended e WHERE d.digest_id = e.id AND e.state IN ('sent', 'dropped')
    )
    UPDATE deliveries d
    SET state = e.state, reason = e.reason, provider_id = coalesce(e.provider_id, d.provider_id),
        due_at = coalesce(e.due_at, d.due_at),
        sent_at = CASE e.state WHEN 'sent' THEN clock_timestamp() ELSE d.sent_at END
    FROM ended e WHERE d.id = e.id
""")

Write = Callable[[AsyncSession, Delivery], Awaitable[Email]]


@dataclass(frozen=True)
class RetrySchedule:
    """How often a mail is tried and how long between: the pause doubles. The defaults last for most of a day."""

    attempts: int = 30
    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(hours=1)
    lease: timedelta = timedelta(minutes=2)

    def pause(self, attempts: int) -> timedelta:
        """How long to wait after this many attempts."""
        return min(self.first_pause * (1 << min(attempts - 1, 20)), self.longest_pause)


@dataclass
class DeliveryResult:
    """What became of one mail: its state, why, and what the other side called it; until when a retry waits."""

    row: Delivery
    state: str
    reason: str = ""
    provider_id: str | None = None
    due_at: datetime | None = None


class Mailer:
    """Sends mails within moments of their commit, some at a time; those that come together cost one reading."""

    def __init__(
        self,
        database: Database,
        write: Write,
        mail: EmailSender,
        patience: RetrySchedule | None = None,
        at_once: int = 20,
    ) -> None:
        self._database = database
        self._write = write
        self._mail = mail
        self._patience = patience or RetrySchedule()
        self._at_once = at_once
        self._digests_at = 0.0
        self._loop = WorkerLoop("The mailer", self._claim_and_send, poll=POLL_SECONDS, gather=GATHER_SECONDS)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; then finish what is under way."""
        await self._loop.run(stop, self._database.url, CHANNEL)

    async def _claim_and_send(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now >= self._digests_at:
            self._digests_at = now + POLL_SECONDS
            await bind_digests(self._database)
        claimed = await self.claim()
        await self.deliver(claimed)
        return len(claimed) == self._at_once

    async def claim(self) -> Sequence[Delivery]:
        """Some mails that are due, ours until the lease runs out."""
        async with self._database.across_tenants() as session:
            given = {"lease": self._patience.lease, "many": self._at_once}
            found = await session.execute(_CLAIM, given)
            return [Delivery(**row) for row in found.mappings()]

    async def deliver(self, rows: Sequence[Delivery]) -> None:
        """Send these mails and write down how that ended; if the database is away, the leases run out."""
        for tenant in dict.fromkeys(row.tenant_id for row in rows):
            await self._deliver(tenant, [row for row in rows if row.tenant_id == tenant])

    async def _deliver(self, tenant: str, rows: list[Delivery]) -> None:
        try:
            written = await self._written(tenant, rows)
        except DatabaseAway:
            log.warning("The database is away; %d mails wait.", len(rows))
            return
        await self._settle(tenant, [each for each in written if isinstance(each, DeliveryResult)])
        letters = [each for each in written if not isinstance(each, DeliveryResult)]
        sending = {asyncio.create_task(self._hand_over(row, letter)) for row, letter in letters}
        while sending:
            done, sending = await asyncio.wait(sending, timeout=SETTLE_SECONDS)
            await self._settle(tenant, [task.result() for task in done])

    async def _written(self, tenant: str, rows: list[Delivery]) -> list[tuple[Delivery, Email] | DeliveryResult]:
        """The letters of those mails that are still ours, all in one transaction; or why there is none."""
        try:
            async with self._database.transaction(tenant) as session:
                mine = await self._still_mine(session, rows)
                # Held so that each letter finds what it tells of without asking again.
                _held = await read_ahead(session, mine)
                return [await self._letter(session, row) for row in mine]
        except DBAPIError as error:
            if len(rows) == 1:
                return [self._defect(rows[0], error)]
            return [each for row in rows for each in await self._written(tenant, [row])]

    async def _still_mine(self, session: AsyncSession, rows: list[Delivery]) -> list[Delivery]:
        ids, attempts = [row.id for row in rows], [row.attempts for row in rows]
        given = {"ids": ids, "attempts": attempts, "lease": self._patience.lease}
        mine = set(await session.scalars(_STILL_MINE, given))
        return [row for row in rows if row.id in mine]

    async def _letter(self, session: AsyncSession, row: Delivery) -> tuple[Delivery, Email] | DeliveryResult:
        try:
            return row, await self._write(session, row)
        except NotNeeded as moot:
            return DeliveryResult(row, "dropped", str(moot))
        except (DatabaseAway, DBAPIError):
            raise
        except Exception as error:  # noqa: BLE001 - a defect of ours must neither stop the others nor lose this mail
            return self._defect(row, error)

    async def _hand_over(self, row: Delivery, letter: Email) -> DeliveryResult:
        try:
            answer = await self._mail.send(letter)
        except EmailRefused as refused:
            return DeliveryResult(row, "failed", str(refused))
        except EmailDelayed as delayed:
            return self._later(row, str(delayed))
        except DatabaseAway:
            return self._later(row, "The database was away.")
        except Exception as error:  # noqa: BLE001 - as above
            return self._defect(row, error)
        return DeliveryResult(row, "sent", provider_id=f"{letter.message_id} {answer}")

    def _defect(self, row: Delivery, error: Exception) -> DeliveryResult:
        log.warning("delivery %s could not be written or sent: %s", row.id, type(error).__name__)
        return self._later(row, f"This mail could not be written: {type(error).__name__}.")

    def _later(self, row: Delivery, reason: str) -> DeliveryResult:
        given_up = row.attempts >= self._patience.attempts
        return DeliveryResult(row, "failed" if given_up else "retried", reason)

    async def _settle(self, tenant: str, ended: list[DeliveryResult]) -> None:
        """Write down how these ended, in one transaction."""
        if not ended:
            return
        try:
            async with self._database.transaction(tenant) as session:
                for each in ended:
                    if each.state == "retried":
                        each.due_at = await self._next_try(session, each.row)
                await session.execute(_SETTLE, _columns(ended))
        except DatabaseAway:
            log.warning("The database is away; the ends of %d mails are not written down.", len(ended))

    async def _next_try(self, session: AsyncSession, row: Delivery) -> datetime:
        """After a pause, and not within the quiet hours."""
        wishes = await session.get(EmailPreference, row.person_id)
        tenant = await session.get_one(Tenant, row.tenant_id)
        now = (await session.scalars(select(func.clock_timestamp()))).one()
        return may_leave_at(wishes, now + self._patience.pause(row.attempts), ZoneInfo(tenant.time_zone))


def _columns(ended: list[DeliveryResult]) -> dict[str, list[object]]:
    return {
        "ids": [each.row.id for each in ended],
        "states": [each.state for each in ended],
        "reasons": [each.reason for each in ended],
        "providers": [each.provider_id for each in ended],
        "dues": [each.due_at for each in ended],
    }
