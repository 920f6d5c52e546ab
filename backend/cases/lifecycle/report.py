"""What workflows report of themselves, so that pages never have to ask Temporal. Safe to repeat."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from backend.cases.approvals.core.close import close
from backend.cases.approvals.decide.approvers import who_approved
from backend.cases.audit.record import body_of
from backend.cases.core.records import WRITE_RECORDS, CaseRecords, JournalLine
from backend.cases.lifecycle.completion import CHANNEL
from backend.cases.notifications.notify import Notice, notify_admins, notify_all
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalState
from backend.kit.case import CaseEnd
from backend.kit.notification import NotificationEvent
from backend.kit.progress import Progress


class Report(BaseModel):
    """How far a case is, and what to tell of it; with an end, or once it is cancelled, the case is over.

    With `tells_approvers`, those who said yes hear of the end as the requester does.
    """

    tenant: str
    case_id: UUID
    progress: Progress
    lines: list[JournalLine] = []
    end: CaseEnd | None = None
    attention: str | None = None
    closed_as: Literal["completed", "cancelled", "failed"] = "completed"
    tells_approvers: bool = False

    @property
    def over(self) -> bool:
        """Whether the case does not move any more."""
        return self.end is not None or self.closed_as == "cancelled"


# One statement: how far the cases are, their stories; and at an end the proof, and waking who waits for it.
_WRITE = text(f"""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(:given)
        AS g(id uuid, status text, outcome text, result jsonb, over boolean, reported boolean,
             progress jsonb, attention text, lines jsonb, messages jsonb, facts jsonb)
    ), moved AS (
        UPDATE cases c SET
            status = g.status, outcome = g.outcome, result = g.result,
            closed_at = CASE WHEN g.over THEN clock_timestamp() END,
            progress = coalesce(g.progress, c.progress),
            progress_at = CASE WHEN g.reported THEN clock_timestamp() ELSE c.progress_at END,
            attention = CASE WHEN g.reported THEN coalesce(g.attention, (
                SELECT a.impossible FROM approvals a
                WHERE a.case_id = c.id AND a.state = 'open' AND a.impossible <> '' ORDER BY a.asked_at LIMIT 1
            )) ELSE c.attention END
        FROM given g WHERE c.id = g.id
        RETURNING c.id, c.tenant_id, c.workflow_id, c.closed_at, g.lines, g.messages, g.facts
    ), records AS (
        SELECT tenant_id, id AS case_id, workflow_id, lines, messages, facts FROM moved
    ), {WRITE_RECORDS}
    SELECT pg_notify(:channel, id::text) FROM moved WHERE closed_at IS NOT NULL
""").bindparams(bindparam("given", type_=JSONB))  # noqa: S608 - our own text


@dataclass(frozen=True)
class Move:
    """Where a case stands from now on; `news` is what its workflow reported, if it was the workflow."""

    case: Case
    status: str
    news: Report | None = None
    end: CaseEnd | None = None

    @property
    def over(self) -> bool:
        """Whether this is for good."""
        return self.status != "running"

    @property
    def note(self) -> str:
        """What people are told of the end."""
        return self.end.sentence if self.end else f"It ended as {self.status.replace('_', ' ')}."

    def row(self) -> dict[str, Any]:
        """As it is written."""
        case, end, news = self.case, self.end, self.news
        outcome = (end.outcome or None) if end else None
        lines = list(news.lines) if news else []
        if end is not None and end.sentence:
            lines.append(JournalLine(key="end", kind="ended", sentence=end.sentence))
        fact = body_of("case.end", "workflow", case.reference, status=self.status, outcome=outcome)
        records = CaseRecords(tenant=case.tenant_id, case_id=case.id, lines=lines, facts=[fact] if self.over else [])
        return {
            **records.row(),
            "id": str(case.id),
            "status": self.status,
            "over": self.over,
            "outcome": outcome,
            "result": end.model_dump(mode="json") if end else None,
            "reported": news is not None,
            "progress": news.progress.model_dump(mode="json") if news else None,
            "attention": news.attention if news else None,
        }


async def report_all(session: AsyncSession, news: Sequence[Report]) -> list[None]:
    """Bring the read model up to date, of each of these cases of one tenant. What is over does not move any more."""
    of_case = {each.case_id: each for each in news}
    # Approvals are locked before their cases, so they have to be closed before.
    await withdraw_open(session, [each.case_id for each in news if each.over])
    moves = []
    for case in await _still_open(session, list(of_case)):
        told = of_case[case.id]
        moves.append(Move(case, told.closed_as if told.over else "running", told, told.end))
        if told.attention is not None and told.attention != case.attention:
            await notify_admins(session, case, told.attention)
    await _move(session, moves)
    return [None] * len(news)


async def _still_open(session: AsyncSession, case_ids: Sequence[UUID]) -> list[Case]:
    """Those of these cases that are not over, locked."""
    read = load_only(
        Case.tenant_id, Case.reference, Case.title, Case.opened_by, Case.recall_requested_by, Case.attention
    )
    wanted = (Case.id.in_(case_ids), Case.closed_at.is_(None))
    found = await session.scalars(select(Case).options(read).where(*wanted).order_by(Case.id).with_for_update())
    return list(found)


async def finish(session: AsyncSession, case: Case, end: CaseEnd | None, status: str) -> None:
    """Close the case in the read model, for good, without its workflow having said so."""
    await _move(session, [Move(case, status, end=end)])


async def _move(session: AsyncSession, moves: Sequence[Move]) -> None:
    if not moves:
        return
    await session.execute(_WRITE, {"given": [move.row() for move in moves], "channel": CHANNEL})
    over = [move for move in moves if move.over]
    approved = await who_approved(
        session, [move.case.id for move in over if move.news is not None and move.news.tells_approvers]
    )
    await notify_all(
        session,
        [
            Notice(
                move.case,
                NotificationEvent.ENDED,
                {move.case.opened_by} | approved.get(move.case.id, set()),
                key=f"ended:{move.case.id}",
                note=move.note,
                by=move.case.recall_requested_by,
            )
            for move in over
        ],
    )


async def withdraw_open(session: AsyncSession, case_ids: Collection[UUID]) -> int:
    """Nothing waits for people once a case is over. Returns how many approvals that closed."""
    if not case_ids:
        return 0
    open_ones = (Approval.case_id.in_(case_ids), Approval.state == ApprovalState.OPEN)
    count = 0
    for approval in await session.scalars(select(Approval).where(*open_ones).order_by(Approval.id).with_for_update()):
        count += await close(session, approval, ApprovalState.NOT_NEEDED, by=None)
    return count
