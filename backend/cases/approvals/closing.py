"""Close: an approval goes from open to one verdict, once; people, timers and recalls all come here."""

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.actor import names_of
from backend.cases.delivery.outbox import Message
from backend.cases.telling.tell import settle
from backend.database.tables import Approval, Candidate, Case, Delegation, OutboxRow, Vote
from backend.kit.approval import DEADLINE, ApprovalPolicy, ApprovalState, Choice, Decision


async def close(session: AsyncSession, approval: Approval, verdict: ApprovalState, by: str | None) -> bool:
    """Give an approval its one verdict; False if it has one already. People, timers and recalls all come here."""
    closed = await session.execute(
        update(Approval)
        .where(Approval.id == approval.id, Approval.state == ApprovalState.OPEN)
        .values(state=verdict, decided_by=by, decided_at=func.clock_timestamp())
    )
    await session.refresh(approval)
    if closed.rowcount != 1:
        return False
    candidates = Candidate.approval_id == approval.id
    await session.execute(update(Candidate).where(candidates).values(open=False))
    await settle(session, approval)
    asked = (Delegation.approval_id == approval.id, Delegation.state == "open")
    await session.execute(update(Delegation).where(*asked).values(state="not_needed"))
    return True


async def end_hold(session: AsyncSession, approval: Approval) -> None:
    """From now on nobody takes the verdict back: the workflow hears of it at once, or has heard already."""
    if approval.undo_until is None:
        return
    approval.undo_until = None
    held = (OutboxRow.case_id == approval.case_id, OutboxRow.kind == Message.DECIDE, OutboxRow.attempts == 0)
    waiting = (OutboxRow.state == "waiting", OutboxRow.due_at > func.clock_timestamp())
    await session.execute(update(OutboxRow).where(*held, *waiting).values(due_at=func.clock_timestamp()))


async def decision_of(session: AsyncSession, approval: Approval) -> Decision:
    """The verdict as the workflow hears it."""
    votes = list(await session.scalars(select(Vote).where(Vote.approval_id == approval.id).order_by(Vote.at)))
    counted = [vote for vote in votes if vote.decision == _CHOICE_OF.get(approval.state, vote.decision)]
    if approval.overridden:
        counted = [vote for vote in counted if vote.kind == "override"]
    names = await names_of(session, {vote.person_id for vote in counted})
    case = await session.get_one(Case, approval.case_id)
    assert approval.decided_at is not None  # noqa: S101 - only closed approvals have a decision
    by_deadline = approval.decided_by == DEADLINE
    last = counted[-1] if counted else None
    return Decision(
        approval_id=approval.id,
        step=approval.step,
        round=approval.round,
        verdict=ApprovalState(approval.state),
        by=tuple(vote.person_id for vote in counted),
        names="The deadline" if by_deadline else " and ".join(names[vote.person_id] for vote in counted),
        comment=last.comment if last else "",
        version=case.version,
        at=approval.decided_at,
        option=last.option if last and not by_deadline else "",
        extra=(last.extra or {}) if last else {},
        deadline=ApprovalPolicy.model_validate(approval.policy).at_deadline if by_deadline else None,
    )


_CHOICE_OF = {
    ApprovalState.APPROVED: Choice.APPROVE,
    ApprovalState.REJECTED: Choice.REJECT,
    ApprovalState.SENT_BACK: Choice.SEND_BACK,
}
