"""The outbox: what Temporal has to hear, written in the transaction that makes it true."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel
from sqlalchemy import and_, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.records import OUTBOX_CHANNEL, CaseRecords, OutboxMessage, write_records
from backend.database.engine import EVERY_TENANT, Database
from backend.database.tables import Case, OutboxRow

CHANNEL = OUTBOX_CHANNEL
TOO_LONG_SECONDS = 60


class Message(StrEnum):
    """What a row asks the relay to do."""

    START = "start"
    DECIDE = "decide"
    RECALL = "recall"
    AMEND = "amend"
    ACT = "act"
    TURN = "turn"
    CORRECT = "correct"


async def enqueue(
    session: AsyncSession,
    case: Case,
    kind: Message,
    payload: BaseModel | None = None,
    not_before: datetime | None = None,
) -> int:
    """Write one message and wake the relay at commit; `not_before` holds back it and what follows it of this case."""
    message = OutboxMessage(kind, payload, not_before)
    (written,) = await write_records(session, CaseRecords.of(case, messages=[message]))
    return written


async def put_behind(session: AsyncSession, case: Case) -> None:
    """Verdicts that are held back come after what was written last; the workflow hears them at once."""
    held = (OutboxRow.state == "waiting", OutboxRow.attempts == 0, OutboxRow.due_at > func.clock_timestamp())
    number = func.nextval(func.pg_get_serial_sequence(OutboxRow.__tablename__, OutboxRow.id.key))
    mine = (OutboxRow.case_id == case.id, OutboxRow.kind == Message.DECIDE)
    statement = update(OutboxRow).where(*mine, *held).values(id=number, due_at=func.clock_timestamp())
    await session.execute(statement.execution_options(synchronize_session=False))


class OutboxStatus(BaseModel):
    """How many rows wait, were sent and were set aside; and how old the oldest waiting one is, in seconds."""

    waiting: int = 0
    sent: int = 0
    failed: int = 0
    oldest_waiting_seconds: float = 0.0

    @property
    def oldest_waiting(self) -> timedelta:
        """How old the oldest waiting row is."""
        return timedelta(seconds=self.oldest_waiting_seconds)

    @property
    def ok(self) -> bool:
        """Whether nothing was set aside and nothing waits for longer than a minute."""
        return not self.failed and self.oldest_waiting_seconds < TOO_LONG_SECONDS


async def outbox_status(database: Database, tenant: str = EVERY_TENANT) -> OutboxStatus:
    """The state of the outbox, of one tenant or of all."""
    async with database.transaction(tenant) as session:
        counts = await session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))
        found = dict(counts.all())
        age = func.extract("epoch", func.clock_timestamp() - func.min(OutboxRow.created_at))
        held = and_(OutboxRow.attempts == 0, OutboxRow.due_at > func.clock_timestamp())
        oldest = await session.scalar(select(age).where(OutboxRow.state == "waiting", ~held))
    return OutboxStatus(**found, oldest_waiting_seconds=float(oldest or 0))


async def set_aside(database: Database) -> list[OutboxRow]:
    """The rows that can never be delivered unchanged, oldest first; at most 1,000."""
    async with database.across_tenants() as session:
        statement = select(OutboxRow).where(OutboxRow.state == "failed").order_by(OutboxRow.id).limit(1000)
        return list(await session.scalars(statement))


async def try_again(database: Database, ids: Sequence[int] | None = None) -> list[int]:
    """Give rows that were set aside another try, all of them without `ids`; the ids of those there were."""
    waiting = {"state": "waiting", "attempts": 0, "due_at": func.clock_timestamp(), "error": None}
    failed = update(OutboxRow).where(OutboxRow.state == "failed").values(waiting)
    statement = failed.returning(OutboxRow.id, OutboxRow.case_id)
    if ids is not None:
        statement = statement.where(OutboxRow.id.in_(ids))
    async with database.across_tenants() as session:
        found = (await session.execute(statement)).all()
        cases = [case_id for _, case_id in found]
        await session.execute(update(Case).where(Case.id.in_(cases)).values(attention=None))
        await session.execute(text(f"NOTIFY {CHANNEL}"))
    return [row_id for row_id, _ in found]
