"""Offboarding: the approvals of a person who left or lost a role go to their substitute, else up their managers.

Where nobody is left, the case needs attention and the administrators are notified.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.assign.reassign import replace_approver
from backend.cases.approvals.core.candidates import able_people, decisions_of, people_done
from backend.cases.approvals.core.escalation import escalate_if_impossible
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.seats import DECIDE, give_up_seat, save_policy, seat
from backend.cases.audit.record import record_fact
from backend.cases.core.actor import names_of
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.cases.notifications.notify import notify
from backend.database.ids import new_id
from backend.database.tables import AdviceRequest, Approval, Candidate, Case, Person, RecordedDecision
from backend.kit.approval import ApprovalState, DecisionKind
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent

# The substitute first, who covers even for a closed account; then each manager above, at most nine.
_SUCCESSORS = text("""
    WITH RECURSIVE above AS (
        SELECT p.manager_id AS id, 1 AS height FROM people p WHERE p.id = :leaver
        UNION ALL SELECT p.manager_id, a.height + 1 FROM above a JOIN people p ON p.id = a.id WHERE a.height < 9
    ), successors AS (
        SELECT s.substitute_id AS id, 0 AS height FROM substitutions s JOIN cases c ON c.id = :case
        WHERE s.person_id = :leaver AND s.ended_at IS NULL AND s.starts_at <= clock_timestamp()
          AND s.ends_at > clock_timestamp() AND covers(s.processes, s.up_to, c.process, c.amount)
        UNION ALL SELECT id, height FROM above
    )
    SELECT p.id FROM successors JOIN people p ON p.id = successors.id WHERE p.active ORDER BY height
""")


async def approvals_named(session: AsyncSession, principals: Sequence[str]) -> list[UUID]:
    """The open approvals that name one of these principals, as approver or adviser."""
    named = select(Candidate.approval_id).where(Candidate.principal.in_(principals), Candidate.role != "gone")
    statement = select(Approval.id).where(Approval.state == ApprovalState.OPEN, Approval.id.in_(named))
    return list(await session.scalars(statement.order_by(Approval.id)))


async def hold(session: AsyncSession, approval_ids: Sequence[UUID]) -> None:
    """Lock these approvals and then their cases, in the order used everywhere."""
    statement = select(Approval.case_id).where(Approval.id.in_(approval_ids)).order_by(Approval.id).with_for_update()
    cases = list(await session.scalars(statement))
    await session.execute(select(Case.id).where(Case.id.in_(cases)).order_by(Case.id).with_for_update())


async def replace_leavers(session: AsyncSession, approval_id: UUID, leavers: Sequence[str], by: str | None) -> bool:
    """Reassign the seats of these people where too few are left to decide; whether anything changed."""
    approval = await session.get_one(Approval, approval_id, with_for_update=True, populate_existing=True)
    if approval.state != ApprovalState.OPEN:
        return False
    case = await session.get_one(Case, approval.case_id, with_for_update=True, populate_existing=True)
    if approval.claimed_by in leavers:
        approval.claimed_by = approval.claimed_at = None
    await _end_advice(session, approval, leavers)
    changed = False
    for leaver in leavers:
        if await missing(session, approval) > 0 or await _only_named(session, approval, leaver):
            changed = await _reassign(session, approval, case, leaver, by) or changed
    before = approval.impossible
    await check_feasibility(session, approval, case)
    await escalate_if_impossible(session, approval, case)
    return changed or approval.impossible != before


async def missing(session: AsyncSession, approval: Approval) -> int:
    """How many of the approvals still needed nobody is left to give."""
    policy = approval.fixed_policy
    decisions = await decisions_of(session, approval.id)
    approvals = sum(each.decision == DecisionKind.APPROVE for each in decisions)
    able = await able_people(session, policy.who, policy.left_out)
    return policy.needed - approvals - len(able.keys() - people_done(decisions))


async def _only_named(session: AsyncSession, approval: Approval, leaver: str) -> bool:
    """Whether this person was named in person, and their account is closed."""
    person = await session.get_one(Person, leaver)
    seated = await session.get(Candidate, (approval.id, f"person:{leaver}"))
    return not person.active and seated is not None and seated.role == DECIDE


async def _reassign(session: AsyncSession, approval: Approval, case: Case, leaver: str, by: str | None) -> bool:
    policy = approval.fixed_policy
    known = set(await able_people(session, policy.who, set())) | policy.left_out | {leaver}
    known |= set(
        await session.scalars(select(RecordedDecision.person_id).where(RecordedDecision.approval_id == approval.id))
    )
    successors = await session.scalars(_SUCCESSORS, {"leaver": leaver, "case": case.id})
    successor = next((each for each in successors if each not in known), None)
    if successor is None:
        return False
    await give_up_seat(session, approval, leaver)
    await seat(session, approval, successor, DECIDE)
    await save_policy(session, approval, case, replace_approver(policy, leaver, successor))
    names = await names_of(session, {leaver, successor})
    sentence = N_("Reassigned from {previous_name} to {name} ({step}).")
    sentence = sentence.format(previous_name=names[leaver], name=names[successor], step=approval.label)
    await add_to_journal(session, case, JournalLine(key=f"reroute:{new_id()}", kind="rerouted", sentence=sentence))
    facts = {"approval": str(approval.id), "step": approval.step, "from_person": leaver, "to_person": successor}
    await record_fact(session, case.tenant_id, "approval.reroute", by or "reconciler", case.reference, **facts)
    key = f"rerouted:{new_id()}"
    await notify(session, case, NotificationEvent.REQUESTED, [successor], approval=approval, key=key, note=sentence)
    return True


async def _end_advice(session: AsyncSession, approval: Approval, leavers: Sequence[str]) -> None:
    asked = (
        AdviceRequest.approval_id == approval.id,
        AdviceRequest.to_person.in_(leavers),
        AdviceRequest.state == "open",
    )
    for row in await session.scalars(select(AdviceRequest).where(*asked)):
        row.state = "taken_back"
