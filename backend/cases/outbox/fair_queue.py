"""Fair order in the outbox: a person who opens many cases at once delays only their own.

The starts of one person's cases of one process share a flow. In a flow, each start gets its turn a second after the
one before it (`WRITE_RECORDS` sets it), and the relay takes rows in the order of their turns. So a flood queues behind
itself, and a single case of somebody else goes first. A turn only orders: with nothing else to do, the relay takes
every row at once.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.errors import CaseError
from backend.database.tables import Case, OutboxRow

WORTH_SAYING = 10  # a case with fewer before it starts in a moment
COUNTED = 10_000
RATE_SECONDS = 60


class TooManyWaiting(CaseError):
    """Too many of your requests are waiting to start. Nothing was accepted; try again later."""

    status = 429
    code = "too_many_waiting"
    retry_after = 30


@dataclass(frozen=True)
class QueuePosition:
    """How many starts come before a case, and about how long that takes; None if nothing has started lately."""

    before: int
    about: timedelta | None


def flow_of(process: str, person: str) -> str:
    """The flow of a person's cases of a process."""
    return f"{process}:{person}"


async def position_of(session: AsyncSession, case: Case) -> QueuePosition | None:
    """Its place in the queue; None if it is no longer in it, or starts in a moment."""
    if case.run_id is not None:
        return None
    waiting = OutboxRow.state == "waiting"
    mine = select(OutboxRow.turn_at).where(OutboxRow.case_id == case.id, waiting, OutboxRow.flow != "")
    turn_at = await session.scalar(mine)
    if turn_at is None:
        return None
    before = select(OutboxRow.id).where(waiting, OutboxRow.flow != "", OutboxRow.turn_at < turn_at).limit(COUNTED)
    count = await session.scalar(select(func.count()).select_from(before.subquery())) or 0
    if count < WORTH_SAYING:
        return None
    lately = OutboxRow.sent_at > func.clock_timestamp() - timedelta(seconds=RATE_SECONDS)
    sent = select(func.count()).where(OutboxRow.state == "sent", OutboxRow.flow != "", lately)
    done = await session.scalar(sent) or 0
    return QueuePosition(count, timedelta(seconds=count * RATE_SECONDS / done) if done else None)
