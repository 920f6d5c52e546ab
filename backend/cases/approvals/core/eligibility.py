"""Whether a person may decide an approval, and if not, why: the same for page, REST, link, bulk and override."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.errors import (
    AlreadyDecided,
    AnsweredBefore,
    ClaimedByAnother,
    DeadlinePassed,
    FourEyes,
    NotACandidate,
)
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError, NotAllowed
from backend.database.tables import Approval
from backend.kit.approval import ApprovalPolicy, ApprovalState
from backend.kit.i18n import N_


@dataclass(frozen=True)
class Eligibility:
    """What decides whether a person may decide an approval.

    `involved` holds the requester and editors; `decided` everyone who has decided, or for whom a substitute did, and
    `elsewhere` the same for approvals of other steps in this round. `acting_for` names the absent approver whom the
    person replaces: then `asked` says whether that one is an approver, and `mandate` whether the person really is their
    substitute now. `overriding` says that an administrator overrides the approvers.
    """

    involved: frozenset[str]
    decided: frozenset[str]
    elsewhere: frozenset[str]
    asked: bool
    closed_by: str
    now: datetime
    acting_for: str | None = None
    mandate: bool = True
    overriding: bool = False


# A substitute of somebody involved decides in their own name alone: being named does not bar an approver, and nobody
# decides in the name of somebody involved. A person who is not an approver may be the substitute of one.
_ELIGIBILITY = text("""
    WITH own AS (
        SELECT a.id, a.case_id, a.round, c.opened_by, c.process, c.amount,
               ARRAY(SELECT edited_by FROM case_versions
                     WHERE case_id = c.id AND corrected_in IS DISTINCT FROM a.id) || c.opened_by AS people
        FROM approvals a JOIN cases c ON c.id = a.case_id WHERE a.id = ANY(cast(:approvals AS uuid[]))
    )
    SELECT own.id,
           own.people AS involved,
           ARRAY(SELECT person_id FROM votes WHERE approval_id = own.id
                 UNION SELECT acting_for FROM votes WHERE approval_id = own.id AND acting_for IS NOT NULL) AS decided,
           ARRAY(SELECT unnest(ARRAY[v.person_id, v.acting_for]) FROM votes v JOIN approvals o ON o.id = v.approval_id
                 WHERE o.case_id = own.case_id AND o.round = own.round AND o.id <> own.id AND v.decision = 'approve')
           AS elsewhere,
           EXISTS (SELECT 1 FROM candidates WHERE approval_id = own.id AND role = 'decide'
                   AND principal = ANY(cast(:principals AS text[])))
           AND NOT EXISTS (SELECT 1 FROM candidates WHERE approval_id = own.id AND role = 'gone'
                           AND principal = 'person:' || :self) AS asked,
           (SELECT m.person_id FROM mandates m
            JOIN candidates s ON s.approval_id = own.id AND s.principal = m.principal AND s.role = 'decide'
            WHERE m.substitute_id = :self AND covers(m.processes, m.up_to, own.process, own.amount)
              AND NOT EXISTS (SELECT 1 FROM candidates g WHERE g.approval_id = own.id AND g.role = 'gone'
                              AND g.principal = 'person:' || m.person_id)
            ORDER BY m.person_id = ANY(own.people),
                     m.person_id IN (SELECT coalesce(acting_for, person_id) FROM votes WHERE approval_id = own.id),
                     m.at
            LIMIT 1) AS absent,
           clock_timestamp() AS now
    FROM own
""").bindparams(bindparam("self", type_=String))


async def eligibility(session: AsyncSession, actor: Actor, approval: Approval, closed_by: str) -> Eligibility:
    """The eligibility for one approval, by the database's clock."""
    return replace((await eligibilities(session, actor, [approval.id]))[approval.id], closed_by=closed_by)


async def eligibilities(session: AsyncSession, actor: Actor, approvals: Sequence[UUID]) -> dict[UUID, Eligibility]:
    """The eligibility for each of these, read at once; `closed_by` is left empty."""
    given = {"approvals": list(approvals), "principals": actor.principals, "self": actor.person_id}
    return {
        found.id: Eligibility(
            involved=frozenset(found.involved),
            decided=frozenset(found.decided),
            elsewhere=frozenset(found.elsewhere) - {None},
            asked=found.asked or found.absent is not None,
            closed_by="",
            now=found.now,
            acting_for=None if found.asked else found.absent,
        )
        for found in await session.execute(_ELIGIBILITY, given)
    }


async def decidable_approval(session: AsyncSession, actor: Actor, case_id: UUID) -> Approval | None:
    """The open approval of this case that this person may decide now, if there is one."""
    is_open = (Approval.case_id == case_id, Approval.state == ApprovalState.OPEN)
    rows = list(await session.scalars(select(Approval).where(*is_open).order_by(Approval.asked_at)))
    found = await eligibilities(session, actor, [row.id for row in rows]) if rows else {}
    return next((row for row in rows if refusal(actor, row, found[row.id]) is None), None)


def refusal(actor: Actor, approval: Approval, found: Eligibility) -> CaseError | None:
    """Why this person may not decide this approval now; None if they may."""
    if approval.state != ApprovalState.OPEN:
        return AlreadyDecided(approval.state, found.closed_by, approval.decided_at)
    policy = approval.fixed_policy
    refused = _four_eyes(actor, policy, found) or _not_an_approver(actor, policy, found)
    if refused is not None:
        return refused
    if found.now >= approval.expires_at:
        return DeadlinePassed(approval.expires_at)
    if not found.overriding and {actor.person_id, found.acting_for} & found.decided:
        return AnsweredBefore(own=actor.person_id in found.decided, at=found.now)
    if policy.claim_binds and not found.overriding and approval.claimed_by not in {None, actor.person_id}:
        return ClaimedByAnother()
    return None


def _four_eyes(actor: Actor, policy: ApprovalPolicy, found: Eligibility) -> CaseError | None:
    """Neither the person nor the approver they replace may have requested or edited it, or be excluded."""
    if actor.person_id in found.involved:
        return FourEyes(N_("You requested or changed this, so somebody else has to decide."))
    if found.acting_for in found.involved:
        return FourEyes(N_("The person you cover for requested or changed this, so somebody else has to decide."))
    if {actor.person_id, found.acting_for} & set(policy.excluded):
        return FourEyes(N_("You are excluded from this decision (conflict of interest)."))
    if policy.distinct and {actor.person_id, found.acting_for} & found.elsewhere:
        return FourEyes(N_("You or the person you cover for approved another step, so somebody else has to decide."))
    return None


def _not_an_approver(actor: Actor, policy: ApprovalPolicy, found: Eligibility) -> CaseError | None:
    """Approvers and their substitutes decide; an administrator may override them."""
    if found.overriding:
        may = actor.is_admin and policy.override
        return None if may else NotAllowed(N_("You cannot override this approval."))
    if found.acting_for is not None and not (policy.substitution and found.mandate):
        return NotACandidate(N_("You are not a substitute for this approval."))
    return None if found.asked else NotACandidate(N_("You are not an approver of this request."))
