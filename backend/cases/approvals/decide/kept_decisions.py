"""Kept approvals: where the policy says so, those of the previous round count in the next one, marked as kept."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, decisions_of
from backend.cases.approvals.core.close import close
from backend.cases.approvals.decide.decision import KEPT
from backend.cases.approvals.decide.record import reached_by
from backend.cases.audit.record import record_fact
from backend.cases.core.actor import names_of
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.database.tables import Approval, Case, RecordedDecision
from backend.kit.approval import DecisionKind
from backend.kit.i18n import N_


async def keep_decisions(session: AsyncSession, approval: Approval, case: Case) -> list[RecordedDecision]:
    """Carry the approvals of this step's previous round into the one that just opened; they may close it.

    Returns the decisions that it has from the start.
    """
    policy = approval.fixed_policy
    if not policy.keep_votes or approval.round == 1:
        return []
    rounds = select(Approval).where(Approval.case_id == case.id, Approval.step == approval.step)
    before = rounds.where(Approval.round < approval.round).order_by(Approval.round.desc()).limit(1)
    previous = await session.scalar(before)
    if previous is None:
        return []
    able = await able_people(session, policy.who, policy.left_out)
    approved = (RecordedDecision.approval_id == previous.id, RecordedDecision.decision == DecisionKind.APPROVE)
    rows = await session.scalars(select(RecordedDecision).where(*approved).order_by(RecordedDecision.at))
    kept = [row for row in rows if row.seat in able]
    for row in kept:
        await _carry_over(session, approval, case, row)
    decisions = await decisions_of(session, approval.id) if kept else []
    reached = await reached_by(session, approval, decisions) if kept else None
    if reached is not None:
        await close(session, approval, reached, by=kept[-1].person_id)
    return decisions


async def _carry_over(session: AsyncSession, approval: Approval, case: Case, row: RecordedDecision) -> None:
    carried = row.model_dump(exclude={"approval_id", "kind", "event"})
    session.add(RecordedDecision(**carried, approval_id=approval.id, kind=KEPT))
    await session.flush()
    name = (await names_of(session, {row.person_id}))[row.person_id]
    sentence = N_("The approval by {name} of version {version} is kept ({step}).")
    sentence = sentence.format(name=name, version=row.version, step=approval.label)
    key = f"kept:{approval.id}:{row.person_id}"
    await add_to_journal(session, case, JournalLine(key=key, kind="kept", sentence=sentence))
    facts = {"approval": str(approval.id), "step": approval.step, "round": approval.round, "version": row.version}
    await record_fact(session, case.tenant_id, "approval.keep", row.person_id, case.reference, **facts)
