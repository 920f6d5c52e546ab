"""The relay: the only one who starts and signals workflows, from rows that a transaction left in the outbox.

A row is claimed by one relay with a lease, and only if no older row of its case still waits. A relay that dies leaves
rows whose lease runs out; Temporal refuses the second start, and the workflow ignores the second signal.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy import Interval, bindparam, func, text, update

from backend.cases.core.worker_loop import WorkerLoop
from backend.cases.notifications.notify import notify_owners
from backend.cases.outbox.outbox import CHANNEL
from backend.database.engine import Database
from backend.database.errors import DatabaseAway
from backend.database.tables import Case, OutboxRow

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(seconds=30)
POLL_SECONDS = 1.0
SPACING_SECONDS = 0.05  # under load, what is new and what has landed share a transaction

# Older rows of the same case go first; a row under way holds the younger ones back.
_CLAIM = text("""
    UPDATE outbox SET due_at = clock_timestamp() + :lease, attempts = attempts + 1
    WHERE id IN (
        SELECT o.id FROM outbox o
        WHERE o.state = 'waiting' AND o.due_at <= clock_timestamp()
          AND NOT EXISTS (SELECT 1 FROM outbox e
                          WHERE e.case_id = o.case_id AND e.state = 'waiting' AND e.id < o.id)
        ORDER BY o.turn_at LIMIT :many FOR UPDATE SKIP LOCKED)
    RETURNING *
""").bindparams(bindparam("lease", type_=Interval))


# The cases are locked in the order in which everybody locks several: their workflows write about them already.
_PASSED_ON = text("""
    WITH started AS (
        SELECT c.id, s.run_id
        FROM cases c JOIN unnest(cast(:cases AS uuid[]), cast(:runs AS text[])) s(case_id, run_id) ON s.case_id = c.id
        WHERE c.closed_at IS NULL ORDER BY c.id FOR NO KEY UPDATE OF c
    ), noted AS (
        UPDATE cases SET run_id = started.run_id FROM started WHERE cases.id = started.id
    )
    UPDATE outbox SET state = 'sent', sent_at = clock_timestamp(), error = NULL WHERE id = ANY(cast(:ids AS bigint[]))
""")


class PermanentFailure(Exception):
    """Temporal will never take this; a person has to look at it."""


class Deliver(Protocol):
    """Where rows go. Raises PermanentFailure for what can never work, anything else for another try."""

    async def __call__(self, row: OutboxRow) -> str | None:
        """Start or signal; the run id of a start."""
        ...


@dataclass(frozen=True)
class Landing:
    """How one delivery ended: passed on (with the run id of a start), to be tried later, or never to work."""

    row: OutboxRow
    run_id: str | None = None
    later: str | None = None
    never: str | None = None


class Relay:
    """Moves rows to Temporal within milliseconds of their commit, `in_flight` at a time."""

    def __init__(self, database: Database, deliver: Deliver, in_flight: int = 32) -> None:
        self._database = database
        self._deliver = deliver
        self._in_flight = in_flight
        self._loop = WorkerLoop("The relay", self._claim_and_start, poll=POLL_SECONDS, spacing=SPACING_SECONDS)
        self._under_way: set[asyncio.Task[None]] = set()
        self._landed: list[Landing] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; then finish what is under way."""
        await self._loop.run(stop, self._database.url, CHANNEL)
        await asyncio.gather(*self._under_way, return_exceptions=True)
        with contextlib.suppress(DatabaseAway):
            await self._settle_and_claim(0)

    async def _claim_and_start(self) -> bool:
        """Begin what is due without waiting for it; what has landed wakes the loop."""
        for row in await self._settle_and_claim(self._in_flight - len(self._under_way)):
            task = asyncio.create_task(self._handle(row))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return False

    async def _handle(self, row: OutboxRow) -> None:
        try:
            landing = Landing(row, run_id=await self._deliver(row))
        except PermanentFailure as failure:
            landing = Landing(row, never=str(failure))
        except Exception as error:  # noqa: BLE001 - anything else may pass, so it is tried again
            log.warning("outbox row %s waits: %s", row.id, type(error).__name__)
            landing = Landing(row, later=type(error).__name__)
        self._landed.append(landing)
        self._loop.wake()

    async def _settle_and_claim(self, many: int) -> Sequence[OutboxRow]:
        """Write down what landed since the last time, and take on what is due, in one transaction.

        If that fails, the leases run out and the harmless repetition settles it.
        """
        landed, self._landed = self._landed, []
        for landing in landed:
            if landing.never is not None:
                await self._set_aside(landing.row, landing.never)
            elif landing.later is not None:
                await self._try_later(landing.row, landing.later)
        passed_on = [landing for landing in landed if landing.later is None and landing.never is None]
        if not passed_on and many <= 0:
            return []
        async with self._database.across_tenants() as session:
            if passed_on:
                await session.execute(_PASSED_ON, _settled(passed_on))
            if many <= 0:
                return []
            found = await session.execute(_CLAIM, {"lease": LEASE, "many": many})
            return [OutboxRow(**row) for row in found.mappings()]

    async def _try_later(self, row: OutboxRow, error: str) -> None:
        pause = min(timedelta(seconds=0.2 * 2 ** min(row.attempts, 10)), LONGEST_PAUSE)
        async with self._database.transaction(row.tenant_id) as session:
            values = {"due_at": func.clock_timestamp() + pause, "error": error}
            await session.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(values))

    async def _set_aside(self, row: OutboxRow, reason: str) -> None:
        async with self._database.transaction(row.tenant_id) as session:
            values = {"state": "failed", "error": reason}
            await session.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(values))
            attention = f"This could not be passed on: {reason}"
            case = await session.get_one(Case, row.case_id)
            case.attention = attention
            await notify_owners(session, case, attention)


def _settled(passed_on: Sequence[Landing]) -> dict[str, object]:
    return {
        "ids": [landing.row.id for landing in passed_on],
        "cases": [landing.row.case_id for landing in passed_on if landing.run_id],
        "runs": [landing.run_id for landing in passed_on if landing.run_id],
    }
