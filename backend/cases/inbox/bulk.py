"""Decide many approvals at once: select them, review the totals, start, and follow each result.

A job only records the intent. Each approval is decided individually, by the same use case as on its own page, with the
version that was on the screen; one that has changed since then is not decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.errors import NotInBulk
from backend.cases.audit.record import record_fact
from backend.cases.core.access import Processes, visible_cases
from backend.cases.core.actor import Actor
from backend.cases.core.comments import MAX_COMMENT
from backend.cases.core.errors import CaseError, CommentNeeded, CommentTooLong, KeyReused, NotFound
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Approval, BulkItem, BulkJob, Case
from backend.kit.approval import DecisionKind
from backend.kit.i18n import N_
from backend.kit.text import paragraphs

CHANNEL = "countersign_bulk"
MOST = 500
KEPT = timedelta(days=1)
_BELL = text(f"NOTIFY {CHANNEL}")


class NothingPicked(CaseError):
    """Select at least one approval."""

    status = 422
    code = "nothing_picked"


class TooManyPicked(CaseError):
    """Up to 500 approvals can be decided at once. Nothing was decided."""

    status = 422
    code = "too_many_picked"


@dataclass(frozen=True)
class Pick:
    """One approval, and the version of its form that was on the screen."""

    approval_id: UUID
    version: int


async def pick(
    database: Database,
    processes: Processes,
    picks: Sequence[Pick],
    *,
    by: Actor,
    back: str = "",
    job: UUID | None = None,
) -> UUID:
    """Save a selection, which decides nothing yet; old selections that were never started are deleted.

    The same `job` is saved once; KeyReused if it was saved with other approvals. NotFound if this person may not see
    one of them.
    """
    chosen = list(dict.fromkeys(picks))
    if not chosen:
        raise NothingPicked
    if len(chosen) > MOST:
        raise TooManyPicked
    key = job or new_id()
    async with database.transaction(by.tenant) as session:
        await _require_visible(session, processes, chosen, by)
        row = insert(BulkJob).values(id=key, tenant_id=by.tenant, person_id=by.person_id, comment="", back=back)
        if await session.scalar(row.on_conflict_do_nothing().returning(BulkJob.id)) is not None:
            await _forget_unstarted(session, by)
            await _keep(session, key, chosen, by)
        elif await _kept(session, key) != chosen:
            raise KeyReused
    return key


async def _require_visible(session: AsyncSession, processes: Processes, chosen: Sequence[Pick], by: Actor) -> None:
    ids = {each.approval_id for each in chosen}
    own = select(Approval.id).join(Case, Case.id == Approval.case_id)
    seen = set(await session.scalars(own.where(Approval.id.in_(ids), visible_cases(by, processes))))
    if seen != ids:
        raise NotFound(N_("An approval that you selected does not exist, or you do not have access to it."))


async def _forget_unstarted(session: AsyncSession, by: Actor) -> None:
    yesterday = func.now() - KEPT
    mine = (BulkJob.person_id == by.person_id, BulkJob.choice.is_(None), BulkJob.at < yesterday)
    old = select(BulkJob.id).where(*mine)
    await session.execute(delete(BulkItem).where(BulkItem.job_id.in_(old)))
    await session.execute(delete(BulkJob).where(*mine))


async def _keep(session: AsyncSession, key: UUID, chosen: Sequence[Pick], by: Actor) -> None:
    rows = [
        BulkItem(
            job_id=key, position=place, tenant_id=by.tenant, approval_id=each.approval_id, version=each.version,
            differences=[],
        ).model_dump()
        for place, each in enumerate(chosen)
    ]  # fmt: skip
    await session.execute(insert(BulkItem), rows)


async def _kept(session: AsyncSession, key: UUID) -> list[Pick]:
    """The approvals that were saved under this key."""
    rows = select(BulkItem.approval_id, BulkItem.version).where(BulkItem.job_id == key).order_by(BulkItem.position)
    return [Pick(*row) for row in await session.execute(rows)]


async def answer_many(
    database: Database,
    processes: Processes,
    picks: Sequence[Pick],
    choice: DecisionKind,
    comment: str,
    *,
    by: Actor,
    job: UUID | None = None,
) -> UUID:
    """Select and start in one step. The same `job` again has the same result; KeyReused if anything else differs."""
    key = await pick(database, processes, picks, by=by, job=job)
    begun = await start(database, key, choice, comment, by=by)
    if (begun.choice, begun.comment) != (choice, paragraphs(comment)):
        raise KeyReused
    return key


async def start(database: Database, job_id: UUID, choice: DecisionKind, comment: str, *, by: Actor) -> BulkJob:
    """Start deciding all of them this way, in the background. Starting twice changes nothing."""
    if choice is DecisionKind.SEND_BACK:
        raise NotInBulk(N_("Many approvals at once can only be approved or rejected."))
    comment = paragraphs(comment)
    if choice is DecisionKind.REJECT and not comment:
        raise CommentNeeded(N_("Enter a comment. The requesters will see it."))
    if len(comment) > MAX_COMMENT:
        raise CommentTooLong
    async with database.transaction(by.tenant) as session:
        job = await job_of(session, job_id, by, lock=True)
        if job.choice is None:
            job.choice, job.comment = choice, comment
            job.started_at = func.clock_timestamp()  # type: ignore[assignment]
            await session.execute(update(BulkItem).where(BulkItem.job_id == job.id).values(state="waiting"))
            await record_fact(session, by.tenant, "approval.bulk", by.person_id, str(job.id), choice=choice)
            await session.execute(_BELL)
        return job


async def job_of(session: AsyncSession, job_id: UUID, by: Actor, *, lock: bool = False) -> BulkJob:
    """The job; NotFound if it is not theirs."""
    job = await session.get(BulkJob, job_id, with_for_update=lock or None)
    if job is None or job.person_id != by.person_id:
        raise NotFound(N_("This job does not exist, or you do not have access to it."))
    return job
