"""Steps that fail: what the workers note at each failed attempt, until an attempt works or the case goes on without."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.engine import Database
from backend.database.tables import Case, FailingStep
from backend.kit.naming import case_workflow_id

WORKFLOW_CODE = "workflow code"  # the id under which a failing workflow task is kept
LONGEST_REASON = 500

# Attempts of one step come one after the other; the first of a series says since when.
_NOTE = text("""
    INSERT INTO failing_steps (workflow_id, activity_id, tenant_id, case_id, step, attempts, reason, attention, next_at)
    SELECT :workflow_id, :activity_id, c.tenant_id, c.id, :step, :attempts, :reason, '', :next_at
    FROM cases c WHERE c.workflow_id = :case_workflow AND c.closed_at IS NULL
    ON CONFLICT (workflow_id, activity_id) DO UPDATE
    SET attempts = excluded.attempts, reason = excluded.reason, next_at = excluded.next_at,
        failed_at = clock_timestamp()
""")
# The case needs no attention any more, unless for something else.
_WORKED = text("""
    WITH worked AS (
        DELETE FROM failing_steps WHERE workflow_id = :workflow_id AND activity_id = :activity_id
        RETURNING case_id, attention
    )
    UPDATE cases c SET attention = NULL FROM worked w WHERE c.id = w.case_id AND c.attention = w.attention
""")


def step_title(step: str) -> str:
    """“Issue purchase order”; empty for the program of the process itself."""
    return step.replace("_", " ").capitalize()


@dataclass(frozen=True)
class FailedAttempt:
    """One attempt that failed: its step, number and reason, and when the next attempt is due, if there is one."""

    workflow_id: str
    activity_id: str
    step: str
    attempts: int
    reason: str
    next_at: datetime | None


async def note_failure(database: Database, failed: FailedAttempt) -> None:
    """Keep it, if it belongs to a running case."""
    given = {
        "workflow_id": failed.workflow_id,
        "activity_id": failed.activity_id,
        "case_workflow": case_workflow_id(failed.workflow_id),
        "step": failed.step,
        "attempts": failed.attempts,
        "reason": failed.reason.replace("\0", "")[:LONGEST_REASON],
        "next_at": failed.next_at,
    }
    async with database.across_tenants() as session:
        await session.execute(_NOTE, given)


async def note_success(database: Database, workflow_id: str, activity_id: str) -> None:
    """The step succeeded, or is no longer retried."""
    async with database.across_tenants() as session:
        await session.execute(_WORKED, {"workflow_id": workflow_id, "activity_id": activity_id})


async def failing_steps_of(session: AsyncSession, case_ids: Collection[UUID]) -> dict[UUID, list[FailingStep]]:
    """What fails in these running cases, the longest first."""
    found: dict[UUID, list[FailingStep]] = {}
    statement = select(FailingStep).join(Case, Case.id == FailingStep.case_id)
    statement = statement.where(FailingStep.case_id.in_(case_ids), Case.closed_at.is_(None))
    for row in await session.scalars(statement.order_by(FailingStep.since)):
        found.setdefault(row.case_id, []).append(row)
    return found


async def forget_steps_of_closed_cases(session: AsyncSession) -> None:
    """A case that is closed has no failing step."""
    closed = select(Case.id).where(Case.id == FailingStep.case_id, Case.closed_at.is_not(None))
    await session.execute(delete(FailingStep).where(closed.exists()))
