"""What workflows report of themselves, so that pages never have to query Temporal. Safe to repeat."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
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
from backend.cases.notifications.notify import Notice, notify_all, notify_owners
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalState
from backend.kit.case import CaseEnd
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent
from backend.kit.progress import Progress


class Report(BaseModel):
    """How far a case is, with lines for its journal; with an end, or once it is cancelled, the case is closed.

    With `tells_approvers`, those who approved are notified of the end as the requester is.
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
        """Whether the case is closed by this."""
        return self.end is not None or self.closed_as == "cancelled"


# One statement: how far the cases are and what is recorded of them; at an end it wakes those who wait for it.
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
            ), (
                SELECT f.attention FROM failing_steps f
                WHERE f.case_id = c.id AND f.attention <> '' AND NOT g.over ORDER BY f.since LIMIT 1
            )) ELSE c.attention END
        FROM given g WHERE c.id = g.id
        RETURNING c.id, c.tenant_id, c.workflow_id, c.closed_at, g.lines, g.messages, g.facts
    ), records AS (
        SELECT tenant_id, id AS case_id, workflow_id, lines, messages, facts FROM moved
    ), {WRITE_RECORDS}
    SELECT pg_notify(:channel, id::text) FROM moved WHERE closed_at IS NOT NULL
""").bindparams(bindparam("given", type_=JSONB))  # noqa: S608 - our own text

_ENDED = {"cancelled": N_("The case was cancelled."), "failed": N_("The case failed.")}


@dataclass(frozen=True)
class Move:
    """The next state of a case; `report` is that of its workflow, if it comes from the workflow.

    Without a report, `why` says how the case ended, and `last` is its final progress.
    """

    case: Case
    status: str
    report: Report | None = None
    end: CaseEnd | None = None
    why: str = ""
    last: Progress | None = None

    @property
    def over(self) -> bool:
        """Whether this closes the case."""
        return self.status != "running"

    @property
    def note(self) -> str:
        """What the notification says of the end."""
        return (self.end.sentence if self.end else "") or self.why or _ENDED.get(self.status, N_("The case ended."))

    def row(self) -> dict[str, Any]:
        """As it is written."""
        case, end, report = self.case, self.end, self.report
        outcome = (end.outcome or None) if end else None
        lines = list(report.lines) if report else []
        sentence = (end.sentence if end else "") or self.why
        if sentence:
            lines.append(JournalLine(key="end", kind="ended", sentence=sentence))
        progress = report.progress if report else self.last
        fact = body_of("case.end", "workflow", case.reference, status=self.status, outcome=outcome)
        records = CaseRecords(tenant=case.tenant_id, case_id=case.id, lines=lines, facts=[fact] if self.over else [])
        return {
            **records.row(),
            "id": str(case.id),
            "status": self.status,
            "over": self.over,
            "outcome": outcome,
            "result": end.model_dump(mode="json") if end else None,
            "reported": report is not None,
            "progress": progress.model_dump(mode="json") if progress else None,
            "attention": report.attention if report else None,
        }


async def report_all(session: AsyncSession, reports: Sequence[Report]) -> list[None]:
    """Bring the read model of these cases of one tenant up to date. A closed case does not change any more."""
    of_case = {each.case_id: each for each in reports}
    # Approvals are locked before their cases, so they have to be closed before.
    await withdraw_open(session, [each.case_id for each in reports if each.over])
    moves = []
    for case in await _still_open(session, list(of_case)):
        report = of_case[case.id]
        moves.append(Move(case, report.closed_as if report.over else "running", report, report.end))
        if report.attention is not None and report.attention != case.attention:
            await notify_owners(session, case, report.attention)
    await _move(session, moves)
    return [None] * len(reports)


async def _still_open(session: AsyncSession, case_ids: Sequence[UUID]) -> list[Case]:
    """Those of these cases that are not closed, locked."""
    read = load_only(
        Case.tenant_id, Case.reference, Case.title, Case.opened_by, Case.recall_requested_by, Case.attention
    )
    wanted = (Case.id.in_(case_ids), Case.closed_at.is_(None))
    found = await session.scalars(select(Case).options(read).where(*wanted).order_by(Case.id).with_for_update())
    return list(found)


async def finish(session: AsyncSession, case: Case, end: CaseEnd | None, status: str, why: str = "") -> None:
    """Close the case in the read model without a report of its workflow; `why` is for its journal and requester."""
    move = Move(case, status, end=end, why=why)
    await _move(session, [replace(move, last=_last_progress(move))])


def _last_progress(move: Move) -> Progress:
    """How far the case came: it waits for nobody, and it failed where it stood unless somebody cancelled it."""
    progress = Progress.model_validate(move.case.progress)
    if move.status not in {"completed", "cancelled"}:
        progress.fail_current(datetime.now(UTC), "")
    progress.finish(move.note)
    return progress


async def _move(session: AsyncSession, moves: Sequence[Move]) -> None:
    if not moves:
        return
    await session.execute(_WRITE, {"given": [move.row() for move in moves], "channel": CHANNEL})
    over = [move for move in moves if move.over]
    approved = await who_approved(
        session, [move.case.id for move in over if move.report is not None and move.report.tells_approvers]
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
    """Close the open approvals of closed cases. Returns how many there were."""
    if not case_ids:
        return 0
    open_ones = (Approval.case_id.in_(case_ids), Approval.state == ApprovalState.OPEN)
    count = 0
    for approval in await session.scalars(select(Approval).where(*open_ones).order_by(Approval.id).with_for_update()):
        count += await close(session, approval, ApprovalState.NOT_NEEDED, by=None)
    return count
