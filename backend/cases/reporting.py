"""What workflows report of themselves, so that pages never have to ask Temporal. Safe to repeat."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.closing import close
from backend.cases.approvals.possible import attention_of_open
from backend.cases.audit.facts import record_fact
from backend.cases.endings import ring
from backend.cases.journal import JournalLine, tell
from backend.cases.telling.tell import Event, tell_admins, tell_people
from backend.database.engine import Database
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalState
from backend.kit.case import CaseEnd
from backend.kit.progress import Progress


class Report(BaseModel):
    """How far a case is, and what to tell of it; with an end, or once it is cancelled, the case is over."""

    tenant: str
    case_id: UUID
    progress: Progress
    lines: list[JournalLine] = []
    end: CaseEnd | None = None
    attention: str | None = None
    closed_as: Literal["completed", "cancelled", "failed"] = "completed"


async def report(database: Database, news: Report) -> None:
    """Bring the read model up to date. A case that is over does not move any more."""
    async with database.transaction(news.tenant) as session:
        over = news.end is not None or news.closed_as == "cancelled"
        if over:
            await withdraw_open(session, news.case_id)
        case = await session.get_one(Case, news.case_id, with_for_update=True)
        if case.closed_at is not None:
            return
        await tell(session, case, *news.lines)
        case.status = "running"
        case.progress = news.progress.model_dump(mode="json")
        case.progress_at = func.clock_timestamp()  # type: ignore[assignment]
        if news.attention is not None and news.attention != case.attention:
            await tell_admins(session, case, news.attention)
        case.attention = news.attention or await attention_of_open(session, case)
        if over:
            await finish(session, case, news.end, news.closed_as)


async def finish(session: AsyncSession, case: Case, end: CaseEnd | None, status: str) -> None:
    """Close the case in the read model, for good."""
    case.status = status
    case.closed_at = func.clock_timestamp()  # type: ignore[assignment]
    case.outcome = (end.outcome or None) if end else None
    case.result = end.model_dump(mode="json") if end else None
    if end is not None and end.sentence:
        await tell(session, case, JournalLine(key="end", kind="ended", sentence=end.sentence))
    key, note = f"ended:{case.id}", end.sentence if end else f"It ended as {status.replace('_', ' ')}."
    by = case.recall_requested_by
    await tell_people(session, case, Event.ENDED, [case.opened_by], key=key, note=note, by=by)
    await ring(session, case.id)
    facts = {"status": status, "outcome": case.outcome}
    await record_fact(session, case.tenant_id, "case.end", "workflow", case.reference, **facts)


async def withdraw_open(session: AsyncSession, case_id: UUID) -> int:
    """Nothing waits for people once a case is over. Returns how many approvals that closed."""
    mine = (Approval.case_id == case_id, Approval.state == ApprovalState.OPEN)
    count = 0
    for approval in await session.scalars(select(Approval).where(*mine).with_for_update()):
        count += await close(session, approval, ApprovalState.NOT_NEEDED, by=None)
    return count
