"""Kept yeses: where the policy says so, what was approved before a change counts in the next round, marked as such."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, votes_of
from backend.cases.approvals.core.close import close
from backend.cases.approvals.decide.votes import KEPT, reached_by
from backend.cases.audit.record import record_fact
from backend.cases.core.actor import names_of
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.database.tables import Approval, Case, Vote
from backend.kit.approval import DecisionKind


async def keep_votes(session: AsyncSession, approval: Approval, case: Case) -> list[Vote]:
    """Carry the yeses of this step's former round into the one that just opened; they may decide it.

    Returns the answers that it has from the start.
    """
    policy = approval.fixed_policy
    if not policy.keep_votes or approval.round == 1:
        return []
    former = select(Approval).where(Approval.case_id == case.id, Approval.step == approval.step)
    last = await session.scalar(former.where(Approval.round < approval.round).order_by(Approval.round.desc()).limit(1))
    if last is None:
        return []
    able = await able_people(session, policy.who, policy.left_out)
    yeses = select(Vote).where(Vote.approval_id == last.id, Vote.decision == DecisionKind.APPROVE).order_by(Vote.at)
    kept = [vote for vote in await session.scalars(yeses) if vote.seat in able]
    for vote in kept:
        await _carry(session, approval, case, vote)
    votes = await votes_of(session, approval.id) if kept else []
    reached = await reached_by(session, approval, votes) if kept else None
    if reached is not None:
        await close(session, approval, reached, by=kept[-1].person_id)
    return votes


async def _carry(session: AsyncSession, approval: Approval, case: Case, vote: Vote) -> None:
    session.add(Vote(**vote.model_dump(exclude={"approval_id", "kind", "event"}), approval_id=approval.id, kind=KEPT))
    await session.flush()
    names = await names_of(session, {vote.person_id})
    sentence = f"{names[vote.person_id]}'s yes to version {vote.version} is kept: {approval.label.lower()}."
    key = f"kept:{approval.id}:{vote.person_id}"
    await add_to_journal(session, case, JournalLine(key=key, kind="kept", sentence=sentence))
    facts = {"approval": str(approval.id), "step": approval.step, "round": approval.round, "version": vote.version}
    await record_fact(session, case.tenant_id, "approval.keep", vote.person_id, case.reference, **facts)
