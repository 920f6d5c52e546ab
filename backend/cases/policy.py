"""May this person decide this, and if not, why: one function for page, API, link, bulk, substitute and override."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.actor import Actor
from backend.cases.errors import AlreadyDecided, CaseError, DeadlinePassed, FourEyes, NotACandidate, NotAllowed
from backend.database.tables import Approval
from backend.kit.approval import ApprovalPolicy, ApprovalState


@dataclass(frozen=True)
class Standing:
    """What the policy looks at: who asked or edited, who answered, whether the person is asked, and the time.

    `involved` holds who asked, who edited and whoever stands in for one of them; `answered` the seats that have
    answered, a seat being a person or whom they act for. `acting_for` names whom the person decides for: then `asked`
    says whether that one is asked, and `mandate` whether the person really stands in for them here and now.
    `overriding` says that an administrator decides in everybody's place.
    """

    involved: frozenset[str]
    answered: frozenset[str]
    asked: bool
    closed_by: str
    now: datetime
    acting_for: str | None = None
    mandate: bool = True
    overriding: bool = False


_STANDING = text("""
    SELECT ARRAY(SELECT edited_by FROM case_versions
                 WHERE case_id = :case AND corrected_in IS DISTINCT FROM :approval) || c.opened_by AS involved,
           ARRAY(SELECT coalesce(acting_for, person_id) FROM votes WHERE approval_id = :approval) AS answered,
           EXISTS (SELECT 1 FROM candidates
                   WHERE approval_id = :approval AND role = 'decide' AND principal = ANY(cast(:principals AS text[])))
           AND NOT EXISTS (SELECT 1 FROM candidates
                           WHERE approval_id = :approval AND role = 'gone' AND principal = :self) AS asked,
           clock_timestamp() AS now
    FROM cases c WHERE c.id = :case
""")


async def standing(session: AsyncSession, actor: Actor, approval: Approval, closed_by: str) -> Standing:
    """Read the standing in this transaction, with the database's clock."""
    given = {
        "case": approval.case_id,
        "approval": approval.id,
        "principals": actor.principals,
        "self": f"person:{actor.person_id}",
    }
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
    policy = ApprovalPolicy.model_validate(approval.policy)
    barred = _four_eyes(actor, policy, seen) or _not_theirs(actor, policy, seen)
    if barred is not None:
        return barred
    if seen.now >= approval.expires_at:
        return DeadlinePassed(approval.expires_at)
    if not seen.overriding and (seen.acting_for or actor.person_id) in seen.answered:
        return AlreadyDecided(ApprovalState.APPROVED, "you", seen.now)
    return None


def _four_eyes(actor: Actor, policy: ApprovalPolicy, seen: Standing) -> CaseError | None:
    """Neither the person nor whom they act for may have asked, edited, or be excluded for another reason."""
    if actor.person_id in seen.involved:
        return FourEyes("You asked for this or changed it, so somebody else has to decide.")
    if seen.acting_for in seen.involved:
        return FourEyes("Whom you stand in for asked for this or changed it, so somebody else has to decide.")
    if {actor.person_id, seen.acting_for} & set(policy.excluded):
        return FourEyes("You are too close to this request, so somebody else has to decide.")
    return None


def _not_theirs(actor: Actor, policy: ApprovalPolicy, seen: Standing) -> CaseError | None:
    """Whether they are asked, themselves or through whom they stand in for; an administrator may override."""
    if seen.overriding:
        may = actor.is_admin and policy.override
        return None if may else NotAllowed("This approval cannot be overridden by you.")
    if seen.acting_for is not None and not (policy.substitution and seen.mandate):
        return NotACandidate("You do not stand in for them in this.")
    return None if seen.asked else NotACandidate("You are not asked for this decision.")
