"""Whether an approval can come to a yes at all; if not, the case says so until it can."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, answerers, votes_of
from backend.cases.notifications.notify import notify_admins
from backend.database.tables import Approval, Case, Vote
from backend.kit.approval import ApprovalState, DecisionKind
from backend.kit.names import join_names


async def check_feasibility(
    session: AsyncSession, approval: Approval, case: Case, votes: Sequence[Vote] | None = None
) -> None:
    """Look again whether enough people can answer; the case asks for attention while they cannot.

    `votes` are the answers so far, read here unless given.
    To be called by whatever changes who may answer, with approval and case locked in this order.
    """
    former, approval.impossible = approval.impossible, await _why_impossible(session, approval, votes)
    if approval.impossible:
        case.attention = approval.impossible
        await notify_admins(session, case, approval.impossible)
    elif former and case.attention == former:
        case.attention = await attention_of_open(session, case, besides=approval)
    await session.flush()


async def attention_of_open(session: AsyncSession, case: Case, besides: Approval | None = None) -> str | None:
    """What the case's open approvals need attention for; None if every one of them can be decided."""
    stuck = (Approval.case_id == case.id, Approval.state == ApprovalState.OPEN, Approval.impossible != "")
    statement = select(Approval.impossible).where(*stuck).order_by(Approval.asked_at)
    if besides is not None:
        statement = statement.where(Approval.id != besides.id)
    found: str | None = await session.scalar(statement.limit(1))
    return found


async def _why_impossible(session: AsyncSession, approval: Approval, votes: Sequence[Vote] | None) -> str:
    """Why the yeses cannot be reached, in words; empty if they can, or if there is a verdict."""
    if approval.state != ApprovalState.OPEN:
        return ""
    policy = approval.fixed_policy
    able = await able_people(session, policy.who, policy.left_out)
    votes = await votes_of(session, approval.id) if votes is None else votes
    answered = answerers(votes)
    left = [name for person, name in able.items() if person not in answered]
    yeses = sum(vote.decision == DecisionKind.APPROVE for vote in votes)
    return in_words(approval.label, policy.needed - yeses, left)


def in_words(label: str, missing: int, left: list[str]) -> str:
    """Why so many yeses cannot come from these people; empty if they can."""
    if missing <= len(left):
        return ""
    if not left:
        return f"{label}: nobody who may answer is left."
    still = "must still answer" if missing > 1 else "must answer"
    return f"{label}: {missing} {still}, but only {join_names(left, word='and')} can."
