"""Close: an approval goes from open to one verdict, once, whether by people, timers or withdrawal."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from backend.cases.core.actor import names_of
from backend.cases.core.envelope import digest_of
from backend.cases.outbox.outbox import Message
from backend.database.tables import Approval, Case, CaseVersion, OutboxRow, RecordedDecision
from backend.kit.approval import DEADLINE, ApprovalState, Approved, DecisionKind, Verdict
from backend.kit.i18n import N_
from backend.kit.notification import REQUEST_EVENTS

# One statement: the verdict, and that nobody has to decide, give advice or be reminded any more, nor find an approver.
_CLOSE = text("""
    WITH closed AS (
        UPDATE approvals SET state = :verdict, decided_by = :by, decided_at = clock_timestamp()
        WHERE id = :id AND state = 'open' RETURNING id, decided_at, case_id, impossible
    ), hidden AS (
        UPDATE candidates SET open = false FROM closed WHERE approval_id = closed.id
    ), read AS (
        UPDATE notifications SET read_at = clock_timestamp() FROM closed
        WHERE approval_id = closed.id AND read_at IS NULL AND event = ANY(:asking)
    ), unneeded AS (
        UPDATE delegations SET state = 'not_needed' FROM closed
        WHERE approval_id = closed.id AND delegations.state = 'open'
    ), settled AS (
        UPDATE cases SET attention = NULL FROM closed
        WHERE cases.id = closed.case_id AND closed.impossible <> '' AND cases.attention = closed.impossible
    )
    SELECT decided_at FROM closed
""")


async def close(session: AsyncSession, approval: Approval, verdict: ApprovalState, by: str | None) -> bool:
    """Give an approval its one verdict; False if it has one already."""
    given = {"id": approval.id, "verdict": verdict, "by": by, "asking": sorted(REQUEST_EVENTS)}
    decided_at = await session.scalar(_CLOSE, given)
    if decided_at is None:
        await session.refresh(approval)
        return False
    for name, value in {"state": verdict, "decided_by": by, "decided_at": decided_at}.items():
        set_committed_value(approval, name, value)
    return True


async def end_undo_window(session: AsyncSession, approval: Approval) -> None:
    """From now on nobody can retract the decision: the verdict goes to the workflow at once, or has gone already."""
    if approval.undo_until is None:
        return
    approval.undo_until = None
    held = (OutboxRow.case_id == approval.case_id, OutboxRow.kind == Message.DECIDE, OutboxRow.attempts == 0)
    waiting = (OutboxRow.state == "waiting", OutboxRow.due_at > func.clock_timestamp())
    await session.execute(update(OutboxRow).where(*held, *waiting).values(due_at=func.clock_timestamp()))


async def verdict_of(session: AsyncSession, approval: Approval, decisions: Sequence[RecordedDecision]) -> Verdict:
    """The verdict as the workflow receives it, from all decisions, oldest first."""
    counted = [each for each in decisions if each.decision == _KIND_OF.get(approval.state, each.decision)]
    if approval.overridden:
        counted = [each for each in counted if each.kind == "override"]
    names = await names_of(session, {each.person_id for each in counted})
    case = await session.get_one(Case, approval.case_id)
    assert approval.decided_at is not None  # noqa: S101 - only closed approvals have a verdict
    by_deadline = approval.decided_by == DEADLINE
    last = counted[-1] if counted else None
    version = max([approval.version, *(each.version for each in counted)])
    return Verdict(
        approval_id=approval.id,
        step=approval.step,
        round=approval.round,
        verdict=ApprovalState(approval.state),
        by=tuple(each.person_id for each in counted),
        names=N_("The deadline") if by_deadline else " and ".join(names[each.person_id] for each in counted),
        comment=last.comment if last else "",
        version=case.version,
        at=approval.decided_at,
        option=last.option if last and not by_deadline else "",
        extra=(last.extra or {}) if last else {},
        deadline=approval.fixed_policy.at_deadline if by_deadline else None,
        approved=Approved(version=version, digest=digest_of(await _form(session, case, version))),
    )


async def _form(session: AsyncSession, case: Case, version: int) -> dict[str, Any]:
    """The form of the case in this version."""
    if version == case.version:
        return case.input
    return (await session.get_one(CaseVersion, (case.id, version))).input


_KIND_OF = {
    ApprovalState.APPROVED: DecisionKind.APPROVE,
    ApprovalState.REJECTED: DecisionKind.REJECT,
    ApprovalState.SENT_BACK: DecisionKind.SEND_BACK,
}
