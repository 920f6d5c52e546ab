"""Claim and release: who works on an approval, so that two colleagues need not read the same papers.

A claim decides nothing and locks nobody out: whoever else is asked may take it over, or answer. Where the policy says
that a claim binds, they answer once they have taken it over.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.eligibility import eligibility, refusal
from backend.cases.audit.record import record_fact
from backend.cases.core.access import Processes, approval_of
from backend.cases.core.actor import Actor, names_of, read_actor
from backend.cases.core.errors import CaseError, ClaimedByAnother, NotFound
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalState
from backend.kit.notification import NotificationEvent


class NotYourClaim(CaseError):
    """Somebody else works on this; only they can release it. You can take it over."""

    code = "not_your_claim"


@dataclass(frozen=True)
class Claim:
    """The approval after it, and its case."""

    approval: Approval
    case: Case


async def claim(database: Database, processes: Processes, approval_id: UUID, *, by: Actor) -> Claim:
    """This person works on it from now on, even if somebody else did. Refused for whoever may not decide it."""
    async with database.transaction(by.tenant) as session:
        approval, case = await _locked(session, processes, approval_id, by)
        person = await read_actor(session, by.person_id)
        if person is None:
            raise NotFound
        names = await names_of(session, {approval.decided_by or "", approval.claimed_by or ""})
        seen = await eligibility(session, person, approval, names.get(approval.decided_by or "", ""))
        reason = refusal(person, approval, seen)
        if reason is not None and not isinstance(reason, ClaimedByAnother):
            raise reason
        if approval.claimed_by != person.person_id:
            former = approval.claimed_by
            approval.claimed_by, approval.claimed_at = person.person_id, seen.now
            words = f"took this over from {names[former]}" if former else "works on this"
            await _note(session, approval, case, person, words)
            if former:
                await _tell_former(session, approval, case, former)
        return Claim(approval, case)


async def release(database: Database, processes: Processes, approval_id: UUID, *, by: Actor) -> Claim:
    """Nobody works on it any more. NotYourClaim if somebody else does; releasing twice changes nothing."""
    async with database.transaction(by.tenant) as session:
        approval, case = await _locked(session, processes, approval_id, by)
        if approval.claimed_by not in {None, by.person_id}:
            raise NotYourClaim
        if approval.claimed_by is not None and approval.state == ApprovalState.OPEN:
            approval.claimed_by, approval.claimed_at = None, None
            await _note(session, approval, case, by, "released this")
        return Claim(approval, case)


async def _tell_former(session: AsyncSession, approval: Approval, case: Case, former: str) -> None:
    """Whoever worked on it hears that somebody else does now; they may still answer, or take it over again."""
    key, by = f"taken_over:{approval.id}:{approval.claimed_at}", approval.claimed_by
    await notify(session, case, NotificationEvent.TAKEN_OVER, [former], approval=approval, key=key, by=by)


async def _locked(session: AsyncSession, processes: Processes, approval_id: UUID, by: Actor) -> tuple[Approval, Case]:
    await approval_of(session, by, approval_id, processes)
    approval = await session.get_one(Approval, approval_id, with_for_update=True, populate_existing=True)
    return approval, await session.get_one(Case, approval.case_id)


async def _note(session: AsyncSession, approval: Approval, case: Case, by: Actor, words: str) -> None:
    kind = "claimed" if approval.claimed_by else "released"
    line = JournalLine(
        key=f"{kind}:{new_id()}",  # every claim is told, however often it changes hands
        kind=kind,
        sentence=f"{words}: {approval.label.lower()}.",
        actor=by.person_id,
    )
    await add_to_journal(session, case, line)
    facts = {"approval": str(approval.id), "step": approval.step}
    action = "approval.claim" if approval.claimed_by else "approval.release"
    await record_fact(session, case.tenant_id, action, by.person_id, case.reference, **facts)
