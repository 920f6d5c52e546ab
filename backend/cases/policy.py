"""May this person decide this, and if not, why: one function for page, API and every later path."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.access import was_asked
from backend.cases.actor import Actor
from backend.cases.errors import AlreadyDecided, CaseError, DeadlinePassed, FourEyes, NotACandidate
from backend.database.tables import Approval, Case, CaseVersion, Vote
from backend.kit.approval import ApprovalState


@dataclass(frozen=True)
class Standing:
    """What the policy looks at: who asked or edited, who answered, whether the person is asked, and the time."""

    involved: frozenset[str]
    answered: frozenset[str]
    asked: bool
    closed_by: str
    now: datetime


async def standing(session: AsyncSession, actor: Actor, approval: Approval, closed_by: str) -> Standing:
    """Read the standing in this transaction, with the database's clock."""
    case = CaseVersion.case_id == approval.case_id
    editors = await session.scalars(select(CaseVersion.edited_by).where(case))
    opener = await session.scalars(select(Case.opened_by).where(Case.id == approval.case_id))
    answered = await session.scalars(select(Vote.person_id).where(Vote.approval_id == approval.id))
    now = await session.scalar(select(func.clock_timestamp()))
    assert now is not None  # noqa: S101 - a select of a function always has a row
    return Standing(
        involved=frozenset([*editors, *opener]),
        answered=frozenset(answered),
        asked=await was_asked(session, actor, approval.id),
        closed_by=closed_by,
        now=now,
    )


def why_not(actor: Actor, approval: Approval, seen: Standing) -> CaseError | None:
    """Why this person may not decide this approval now; None if they may."""
    if approval.state != ApprovalState.OPEN:
        return AlreadyDecided(approval.state, seen.closed_by, approval.decided_at)
    if actor.person_id in seen.involved:
        return FourEyes("You asked for this or changed it, so somebody else has to decide.")
    if not seen.asked:
        return NotACandidate("You are not asked for this decision.")
    if seen.now >= approval.expires_at:
        return DeadlinePassed(approval.expires_at)
    if actor.person_id in seen.answered:
        return AlreadyDecided(ApprovalState.APPROVED, "you", seen.now)
    return None
