"""What workflows report of themselves, so that pages never have to ask Temporal. Safe to repeat."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import bindparam, exists, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from backend.cases.approvals.closing import close
from backend.cases.audit.facts import body_of
from backend.cases.endings import CHANNEL
from backend.cases.journal import JournalLine
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


# One statement: how far the case is, its story; and at its end the proof, and waking who waits for it.
_WRITE = text("""
    WITH moved AS (
        UPDATE cases c SET
            status = :status, outcome = :outcome, result = :result,
            closed_at = CASE WHEN :over THEN clock_timestamp() END,
            progress = coalesce(:progress, c.progress),
            progress_at = CASE WHEN :reported THEN clock_timestamp() ELSE c.progress_at END,
            attention = CASE WHEN :reported THEN coalesce(:attention, (
                SELECT a.impossible FROM approvals a
                WHERE a.case_id = c.id AND a.state = 'open' AND a.impossible <> '' ORDER BY a.asked_at LIMIT 1
            )) ELSE c.attention END
        WHERE c.id = :case RETURNING c.id, c.tenant_id, c.closed_at
    ), told AS (
        INSERT INTO journal (tenant_id, case_id, key, kind, actor, sentence, quote)
        SELECT m.tenant_id, m.id, l.key, l.kind, l.actor, l.sentence, l.quote
        FROM moved m, jsonb_to_recordset(:lines) l(key text, kind text, actor text, sentence text, quote text)
        ON CONFLICT DO NOTHING
    ), proved AS (
        INSERT INTO facts (tenant_id, body) SELECT tenant_id, :fact FROM moved WHERE closed_at IS NOT NULL
    )
    SELECT pg_notify(:channel, id::text) FROM moved WHERE closed_at IS NOT NULL
""").bindparams(
    bindparam("lines", type_=JSONB),
    *(bindparam(name, type_=JSONB(none_as_null=True)) for name in ("progress", "result")),
)


async def report(database: Database, news: Report) -> None:
    """Bring the read model up to date. A case that is over does not move any more."""
    async with database.transaction(news.tenant) as session:
        over = news.end is not None or news.closed_as == "cancelled"
        case = await _still_open(session, news.case_id, asks_nobody=over)
        if case is None and over:
            await withdraw_open(session, news.case_id)
            case = await _still_open(session, news.case_id)
        if case is None:
            return
        if news.attention is not None and news.attention != case.attention:
            await tell_admins(session, case, news.attention)
        if over:
            await finish(session, case, news.end, news.closed_as, news)
        else:
            await _write(session, case, "running", news)


async def _still_open(session: AsyncSession, case_id: UUID, *, asks_nobody: bool = False) -> Case | None:
    """The case, locked; None if it is over, or asks somebody although it should not.

    Approvals are locked before their case, so they have to be closed before it is.
    """
    read = load_only(
        Case.tenant_id, Case.reference, Case.title, Case.opened_by, Case.recall_requested_by, Case.attention
    )
    wanted = [Case.id == case_id, Case.closed_at.is_(None)]
    if asks_nobody:
        wanted.append(~exists().where(Approval.case_id == case_id, Approval.state == ApprovalState.OPEN))
    found: Case | None = await session.scalar(select(Case).options(read).where(*wanted).with_for_update())
    return found


async def finish(
    session: AsyncSession, case: Case, end: CaseEnd | None, status: str, news: Report | None = None
) -> None:
    """Close the case in the read model, for good; `news` is the last that its workflow reported, if it did."""
    await _write(session, case, status, news, end=end, over=True)
    key, note = f"ended:{case.id}", end.sentence if end else f"It ended as {status.replace('_', ' ')}."
    by = case.recall_requested_by
    await tell_people(session, case, Event.ENDED, [case.opened_by], key=key, note=note, by=by)


async def _write(
    session: AsyncSession,
    case: Case,
    status: str,
    news: Report | None,
    *,
    end: CaseEnd | None = None,
    over: bool = False,
) -> None:
    outcome = (end.outcome or None) if end else None
    lines = list(news.lines) if news else []
    if end is not None and end.sentence:
        lines.append(JournalLine(key="end", kind="ended", sentence=end.sentence))
    given = {
        "case": case.id,
        "status": status,
        "over": over,
        "outcome": outcome,
        "result": end.model_dump(mode="json") if end else None,
        "reported": news is not None,
        "progress": news.progress.model_dump(mode="json") if news else None,
        "attention": news.attention if news else None,
        "lines": [line.model_dump(mode="json") for line in lines],
        "fact": body_of("case.end", "workflow", case.reference, status=status, outcome=outcome),
        "channel": CHANNEL,
    }
    await session.execute(_WRITE, given)


async def withdraw_open(session: AsyncSession, case_id: UUID) -> int:
    """Nothing waits for people once a case is over. Returns how many approvals that closed."""
    mine = (Approval.case_id == case_id, Approval.state == ApprovalState.OPEN)
    count = 0
    for approval in await session.scalars(select(Approval).where(*mine).with_for_update()):
        count += await close(session, approval, ApprovalState.NOT_NEEDED, by=None)
    return count
