"""May this person decide this, and if not, why: one function for page, API and every later path."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.actor import Actor
from backend.cases.errors import AlreadyDecided, CaseError, DeadlinePassed, FourEyes, NotACandidate
from backend.database.tables import Approval
from backend.kit.approval import ApprovalState


@dataclass(frozen=True)
class Standing:
    """What the policy looks at: who asked or edited, who answered, whether the person is asked, and the time."""

    involved: frozenset[str]
    answered: frozenset[str]
    asked: bool
    closed_by: str
    now: datetime


_STANDING = text("""
    SELECT ARRAY(SELECT edited_by FROM case_versions WHERE case_id = :case) || c.opened_by AS involved,
           ARRAY(SELECT person_id FROM votes WHERE approval_id = :approval) AS answered,
           EXISTS (SELECT 1 FROM candidates
                   WHERE approval_id = :approval AND principal = ANY(cast(:principals AS text[]))) AS asked,
           clock_timestamp() AS now
    FROM cases c WHERE c.id = :case
""")


async def standing(session: AsyncSession, actor: Actor, approval: Approval, closed_by: str) -> Standing:
    """Read the standing in this transaction, with the database's clock."""
    given = {"case": approval.case_id, "approval": approval.id, "principals": actor.principals}
    found = (await session.execute(_STANDING, given)).one()
    return Standing(
        involved=frozenset(found.involved),
        answered=frozenset(found.answered),
        asked=found.asked,
        closed_by=closed_by,
        now=found.now,
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
