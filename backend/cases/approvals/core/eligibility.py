"""May this person decide this, and if not, why: one function for page, API, link, bulk, substitute and override."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import Actor
from backend.cases.core.errors import (
    AlreadyDecided,
    AnsweredBefore,
    CaseError,
    ClaimedByAnother,
    DeadlinePassed,
    FourEyes,
    NotACandidate,
    NotAllowed,
)
from backend.database.tables import Approval
from backend.kit.approval import ApprovalPolicy, ApprovalState


@dataclass(frozen=True)
class Eligibility:
    """What the policy looks at: who asked or edited, who answered, whether the person is asked, and the time.

    `involved` holds who asked, who edited and whoever stands in for one of them; `answered` everybody who
    has answered or for whom somebody did. `acting_for` names whom the person decides for: then `asked`
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


# Who stands in for somebody involved is involved. Whoever is not asked may be asked through whom they stand in for.
_STANDING = text("""
    WITH own AS (
        SELECT a.id, c.opened_by, c.process, c.amount,
               ARRAY(SELECT edited_by FROM case_versions
                     WHERE case_id = c.id AND corrected_in IS DISTINCT FROM a.id) || c.opened_by AS people
        FROM approvals a JOIN cases c ON c.id = a.case_id WHERE a.id = ANY(cast(:approvals AS uuid[]))
    )
    SELECT own.id,
           own.people || ARRAY(
               SELECT DISTINCT m.substitute_id FROM mandates m
               WHERE m.person_id = ANY(own.people) AND covers(m.processes, m.up_to, own.process, own.amount)
           ) AS involved,
           ARRAY(SELECT person_id FROM votes WHERE approval_id = own.id
                 UNION SELECT acting_for FROM votes WHERE approval_id = own.id AND acting_for IS NOT NULL) AS answered,
           EXISTS (SELECT 1 FROM candidates WHERE approval_id = own.id AND role = 'decide'
                   AND principal = ANY(cast(:principals AS text[])))
           AND NOT EXISTS (SELECT 1 FROM candidates WHERE approval_id = own.id AND role = 'gone'
                           AND principal = 'person:' || :self) AS asked,
           (SELECT m.person_id FROM mandates m
            JOIN candidates s ON s.approval_id = own.id AND s.principal = m.principal AND s.role = 'decide'
            WHERE m.substitute_id = :self AND covers(m.processes, m.up_to, own.process, own.amount)
              AND NOT EXISTS (SELECT 1 FROM candidates g WHERE g.approval_id = own.id AND g.role = 'gone'
                              AND g.principal = 'person:' || m.person_id)
            ORDER BY m.person_id IN (SELECT coalesce(acting_for, person_id) FROM votes WHERE approval_id = own.id), m.at
            LIMIT 1) AS absent,
           clock_timestamp() AS now
    FROM own
""").bindparams(bindparam("self", type_=String))


async def eligibility(session: AsyncSession, actor: Actor, approval: Approval, closed_by: str) -> Eligibility:
    """Read the standing in this transaction, with the database's clock."""
    return replace((await eligibilities(session, actor, [approval.id]))[approval.id], closed_by=closed_by)


async def eligibilities(session: AsyncSession, actor: Actor, approvals: Sequence[UUID]) -> dict[UUID, Eligibility]:
    """The standing at each of these, read at once; it does not say who closed them."""
    given = {"approvals": list(approvals), "principals": actor.principals, "self": actor.person_id}
    return {
        found.id: Eligibility(
            involved=frozenset(found.involved),
            answered=frozenset(found.answered),
            asked=found.asked or found.absent is not None,
            closed_by="",
            now=found.now,
            acting_for=None if found.asked else found.absent,
        )
        for found in await session.execute(_STANDING, given)
    }


async def answerable(session: AsyncSession, actor: Actor, case_id: UUID) -> Approval | None:
    """The open approval of this case that this person may decide now, if there is one."""
    waits = (Approval.case_id == case_id, Approval.state == ApprovalState.OPEN)
    rows = list(await session.scalars(select(Approval).where(*waits).order_by(Approval.asked_at)))
    seen = await eligibilities(session, actor, [row.id for row in rows]) if rows else {}
    return next((row for row in rows if refusal(actor, row, seen[row.id]) is None), None)


def refusal(actor: Actor, approval: Approval, seen: Eligibility) -> CaseError | None:
    """Why this person may not decide this approval now; None if they may."""
    if approval.state != ApprovalState.OPEN:
        return AlreadyDecided(approval.state, seen.closed_by, approval.decided_at)
    policy = approval.fixed_policy
    barred = _four_eyes(actor, policy, seen) or _not_theirs(actor, policy, seen)
    if barred is not None:
        return barred
    if seen.now >= approval.expires_at:
        return DeadlinePassed(approval.expires_at)
    if not seen.overriding and {actor.person_id, seen.acting_for} & seen.answered:
        return AnsweredBefore(own=actor.person_id in seen.answered, at=seen.now)
    if policy.claim_binds and not seen.overriding and approval.claimed_by not in {None, actor.person_id}:
        return ClaimedByAnother()
    return None


def _four_eyes(actor: Actor, policy: ApprovalPolicy, seen: Eligibility) -> CaseError | None:
    """Neither the person nor whom they act for may have asked, edited, or be excluded for another reason."""
    if actor.person_id in seen.involved:
        return FourEyes("You asked for this or changed it, so somebody else has to decide.")
    if seen.acting_for in seen.involved:
        return FourEyes("Whom you stand in for asked for this or changed it, so somebody else has to decide.")
    if {actor.person_id, seen.acting_for} & set(policy.excluded):
        return FourEyes("You are too close to this request, so somebody else has to decide.")
    return None


def _not_theirs(actor: Actor, policy: ApprovalPolicy, seen: Eligibility) -> CaseError | None:
    """Whether they are asked, themselves or through whom they stand in for; an administrator may override."""
    if seen.overriding:
        may = actor.is_admin and policy.override
        return None if may else NotAllowed("This approval cannot be overridden by you.")
    if seen.acting_for is not None and not (policy.substitution and seen.mandate):
        return NotACandidate("You do not stand in for them in this.")
    return None if seen.asked else NotACandidate("You are not asked for this decision.")
