"""Whether an approval can be approved at all; the case needs attention until it can."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, decisions_of, people_done
from backend.cases.notifications.notify import notify_attention
from backend.database.tables import Approval, Case, RecordedDecision
from backend.kit.approval import ApprovalState, DecisionKind, Veto
from backend.kit.i18n import N_, NN_
from backend.kit.names import join_names


async def check_feasibility(
    session: AsyncSession, approval: Approval, case: Case, decisions: Sequence[RecordedDecision] | None = None
) -> None:
    """Check again whether enough people can decide; the case needs attention while they cannot.

    `decisions` are those so far, read here unless given. To be called after every change of who may decide, with
    approval and case locked in this order.
    """
    before, approval.impossible = approval.impossible, await _why_impossible(session, approval, decisions)
    if approval.impossible:
        case.attention = approval.impossible
        await _notify(session, case, approval)
    elif before and case.attention == before:
        case.attention = await attention_of_open(session, case, excluding=approval)
    await session.flush()


async def _notify(session: AsyncSession, case: Case, approval: Approval) -> None:
    """Administrators, the requester and those who can still decide, of the same words once."""
    able = await able_people(session, approval.fixed_policy.who, approval.fixed_policy.left_out)
    await notify_attention(session, case, approval.impossible, {case.opened_by, *able})


async def attention_of_open(session: AsyncSession, case: Case, excluding: Approval | None = None) -> str | None:
    """Why an open approval of this case needs attention; None if every one of them can be approved."""
    stuck = (Approval.case_id == case.id, Approval.state == ApprovalState.OPEN, Approval.impossible != "")
    statement = select(Approval.impossible).where(*stuck).order_by(Approval.asked_at)
    if excluding is not None:
        statement = statement.where(Approval.id != excluding.id)
    found: str | None = await session.scalar(statement.limit(1))
    return found


async def _why_impossible(
    session: AsyncSession, approval: Approval, decisions: Sequence[RecordedDecision] | None
) -> str:
    """Why the quorum cannot be reached, in words; empty if it can, or if there is a verdict."""
    if approval.state != ApprovalState.OPEN:
        return ""
    policy = approval.fixed_policy
    able = await able_people(session, policy.who, policy.left_out)
    decisions = await decisions_of(session, approval.id) if decisions is None else decisions
    done = people_done(decisions)
    left = [name for person, name in able.items() if person not in done]
    approvals = sum(each.decision == DecisionKind.APPROVE for each in decisions)
    if policy.veto is Veto.COUNT_AT_END and done and not left:
        sentence = N_("{step}: nobody is left who has to decide. Override the decision, or add an approver.")
        return sentence.format(step=approval.label)
    if policy.veto is Veto.COUNT_AT_END and any(each.decision == DecisionKind.REJECT for each in decisions):
        return ""  # the last decision rejects it
    return impossible_because(approval.label, policy.needed, approvals, left)


def impossible_because(step: str, needed: int, given: int, left: list[str]) -> str:
    """Why these people cannot give the approvals that are missing; empty if they can."""
    missing = needed - given
    if missing <= len(left):
        return ""
    if left:
        sentence = N_("{step}: {missing} more approvals are needed, but only {names} can decide.")
        return sentence.format(step=step, missing=missing, names=join_names(left, word="and"))
    if not given:
        return N_("{step}: nobody is left who can decide.").format(step=step)
    sentence = NN_(
        "{step}: {count} more approval is needed, and nobody is left who can give it.",
        "{step}: {count} more approvals are needed, and nobody is left who can give them.",
        missing,
    )
    return sentence.format(step=step, count=missing)
