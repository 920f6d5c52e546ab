"""The mailer: claims queued emails, has them written, and sends each once.

A row is claimed by one mailer with a lease, and its Message-ID is made of the row's own id. One case remains that SMTP
leaves open: if the mailer dies, or loses the database, after the server accepted an email and before the row
is updated, the email is sent again when the lease ends. It has the same Message-ID then, so mailboxes recognise it.
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
from backend.kit.i18n import N_

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
GATHER_SECONDS = 0.5  # emails that are queued within it are one batch
SETTLE_SECONDS = 0.5  # a slow server does not delay the results of other emails

_CLAIM = text("""
    UPDATE deliveries SET due_at = clock_timestamp() + :lease, attempts = attempts + 1
    WHERE id IN (SELECT id FROM deliveries
                 WHERE state IN ('queued', 'retried') AND due_at <= clock_timestamp()
                 ORDER BY due_at LIMIT :many FOR UPDATE SKIP LOCKED)
    RETURNING *
""").bindparams(bindparam("lease", type_=Interval))

# A mailer whose lease ran out before it got to an email has lost it to another one. The attempt counts as unconfirmed
# until its result is recorded: if that never happens, the email may have been handed over without anybody knowing.
_STILL_MINE = text("""
    UPDATE deliveries d SET due_at = clock_timestamp() + :lease, unconfirmed = d.unconfirmed + 1
    FROM unnest(cast(:ids AS uuid[]), cast(:attempts AS int[])) AS mine(id, attempts)
    WHERE d.id = mine.id AND d.attempts = mine.attempts AND d.state IN ('queued', 'retried')
    RETURNING d.id
""").bindparams(bindparam("lease", type_=Interval))

# What a digest holds gets the digest's state.
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
        due_at = coalesce(e.due_at, d.due_at), unconfirmed = greatest(d.unconfirmed - 1, 0),
        sent_at = CASE e.state WHEN 'sent' THEN clock_timestamp() ELSE d.sent_at END
    FROM ended e WHERE d.id = e.id
""")

Write = Callable[[AsyncSession, Delivery], Awaitable[Email]]


@dataclass(frozen=True)
class RetrySchedule:
    """How often an email is tried and how long between: the pause doubles. The defaults last for most of a day."""

    attempts: int = 30
    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(hours=1)
    lease: timedelta = timedelta(minutes=2)

    def pause(self, attempts: int) -> timedelta:
        """How long to wait after this many attempts."""
        return min(self.first_pause * (1 << min(attempts - 1, 20)), self.longest_pause)


@dataclass
class DeliveryResult:
    """The result for one email: its state, why, and the id that the server gave it; until when a retry waits."""

    row: Delivery
    state: str
    reason: str = ""
    provider_id: str | None = None
    due_at: datetime | None = None


class Mailer:
    """Sends emails within moments of their commit, some at a time; a batch costs one read of the database."""

    def __init__(
        self,
        database: Database,
        write: Write,
        mail: EmailSender,
        retries: RetrySchedule | None = None,
        at_once: int = 20,
    ) -> None:
        self._database = database
        self._write = write
        self._mail = mail
        self._retries = retries or RetrySchedule()
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
        """Some emails that are due, ours until the lease runs out."""
        async with self._database.across_tenants() as session:
            given = {"lease": self._retries.lease, "many": self._at_once}
            found = await session.execute(_CLAIM, given)
            return [Delivery(**row) for row in found.mappings()]

    async def deliver(self, rows: Sequence[Delivery]) -> None:
        """Send these emails and record the results; if the database is away, the leases run out."""
        for tenant in dict.fromkeys(row.tenant_id for row in rows):
            await self._deliver(tenant, [row for row in rows if row.tenant_id == tenant])

    async def _deliver(self, tenant: str, rows: list[Delivery]) -> None:
        try:
            written = await self._written(tenant, rows)
        except DatabaseAway:
            log.warning("The database is away; %d emails wait.", len(rows))
            return
        await self._settle(tenant, [each for each in written if isinstance(each, DeliveryResult)])
        emails = [each for each in written if not isinstance(each, DeliveryResult)]
        sending = {asyncio.create_task(self._send(row, email)) for row, email in emails}
        while sending:
            done, sending = await asyncio.wait(sending, timeout=SETTLE_SECONDS)
            await self._settle(tenant, [task.result() for task in done])

    async def _written(self, tenant: str, rows: list[Delivery]) -> list[tuple[Delivery, Email] | DeliveryResult]:
        """The emails of those rows that are still ours, all in one transaction; or why there is none."""
        try:
            async with self._database.transaction(tenant) as session:
                mine = await self._still_mine(session, rows)
                # Held so that each email finds its person, case and approval without another query.
                _held = await read_ahead(session, mine)
                return [await self._write_one(session, row) for row in mine]
        except DBAPIError as error:
            if len(rows) == 1:
                return [self._defect(rows[0], error)]
            return [each for row in rows for each in await self._written(tenant, [row])]

    async def _still_mine(self, session: AsyncSession, rows: list[Delivery]) -> list[Delivery]:
        ids, attempts = [row.id for row in rows], [row.attempts for row in rows]
        given = {"ids": ids, "attempts": attempts, "lease": self._retries.lease}
        mine = set(await session.scalars(_STILL_MINE, given))
        return [row for row in rows if row.id in mine]

    async def _write_one(self, session: AsyncSession, row: Delivery) -> tuple[Delivery, Email] | DeliveryResult:
        try:
            return row, await self._write(session, row)
        except NotNeeded as moot:
            return DeliveryResult(row, "dropped", str(moot))
        except (DatabaseAway, DBAPIError):
            raise
        except Exception as error:  # noqa: BLE001 - a defect of ours must neither stop the others nor lose this email
            return self._defect(row, error)

    async def _send(self, row: Delivery, email: Email) -> DeliveryResult:
        try:
            answer = await self._mail.send(email)
        except EmailRefused as refused:
            return DeliveryResult(row, "failed", str(refused))
        except EmailDelayed as delayed:
            return self._later(row, str(delayed))
        except DatabaseAway:
            return self._later(row, N_("The database was not available."))
        except Exception as error:  # noqa: BLE001 - as above
            return self._defect(row, error)
        return DeliveryResult(row, "sent", provider_id=f"{email.message_id} {answer}")

    def _defect(self, row: Delivery, error: Exception) -> DeliveryResult:
        log.warning("delivery %s could not be written or sent: %s", row.id, type(error).__name__)
        reason = N_("The email could not be created because of an internal error ({error}).")
        return self._later(row, reason.format(error=type(error).__name__))

    def _later(self, row: Delivery, reason: str) -> DeliveryResult:
        given_up = row.attempts >= self._retries.attempts
        return DeliveryResult(row, "failed" if given_up else "retried", reason)

    async def _settle(self, tenant: str, ended: list[DeliveryResult]) -> None:
        """Record these results in one transaction."""
        if not ended:
            return
        try:
            async with self._database.transaction(tenant) as session:
                for each in ended:
                    if each.state == "retried":
                        each.due_at = await self._next_try(session, each.row)
                await session.execute(_SETTLE, _columns(ended))
        except DatabaseAway:
            log.warning("The database is away; the results of %d emails are not recorded.", len(ended))

    async def _next_try(self, session: AsyncSession, row: Delivery) -> datetime:
        """After a pause, and not within the quiet hours."""
        preference = await session.get(EmailPreference, row.person_id)
        tenant = await session.get_one(Tenant, row.tenant_id)
        now = (await session.scalars(select(func.clock_timestamp()))).one()
        return may_leave_at(preference, now + self._retries.pause(row.attempts), ZoneInfo(tenant.time_zone))


def _columns(ended: list[DeliveryResult]) -> dict[str, list[object]]:
    return {
        "ids": [each.row.id for each in ended],
        "states": [each.state for each in ended],
        "reasons": [each.reason for each in ended],
        "providers": [each.provider_id for each in ended],
        "dues": [each.due_at for each in ended],
    }
