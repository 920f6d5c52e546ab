"""What the timers of an approval do: remind, ask more people, and close it when its time is up.

Every function is safe to repeat, for activities run at least once: the approval's row remembers how many reminders
went out and how many escalations were done.
"""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, add_candidates, answerers, votes_of
from backend.cases.approvals.core.close import close, end_undo_window, verdict_of
from backend.cases.approvals.core.seats import say_who
from backend.cases.audit.record import record_fact
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.cases.notifications.notify import notified_of, notify
from backend.database.engine import Database
from backend.database.tables import Approval, Case
from backend.kit.approval import DEADLINE, ApprovalState, AtDeadline, Verdict
from backend.kit.names import join_names
from backend.kit.notification import NotificationEvent


class TimerFired(BaseModel):
    """Which approval to remind or escalate, and the how manieth time."""

    tenant: str
    approval_id: UUID
    number: int = 1
    last: bool = False


class DeadlineReached(TimerFired):
    """Which verdict to give it if it has none; `expired` leaves it to the policy what the deadline does."""

    verdict: ApprovalState


_BY_DEADLINE = {
    AtDeadline.APPROVE: (ApprovalState.APPROVED, "The deadline approved this"),
    AtDeadline.REJECT: (ApprovalState.REJECTED, "The deadline rejected this"),
    AtDeadline.GO_ON: (ApprovalState.NOT_NEEDED, "Nobody answered in time, so it went on without an answer"),
}
_EXPIRED = (ApprovalState.EXPIRED, "Nobody answered in time")


async def close_approval(database: Database, closing: DeadlineReached) -> Verdict:
    """Close it with this verdict unless it has one; the decision that really stands is returned."""
    async with database.transaction(closing.tenant) as session:
        approval = await session.get_one(Approval, closing.approval_id, with_for_update=True)
        policy = approval.fixed_policy
        verdict, words, by = closing.verdict, "", None
        if verdict is ApprovalState.EXPIRED:
            (verdict, words), by = _BY_DEADLINE.get(policy.at_deadline, _EXPIRED), DEADLINE
        if await close(session, approval, verdict, by=by):
            case = await session.get_one(Case, approval.case_id)
            if words:
                sentence = f"{words}: {approval.label.lower()}."
                await add_to_journal(
                    session, case, JournalLine(key=f"close:{approval.id}", kind=verdict, sentence=sentence)
                )
                key = f"decided:{approval.id}"
                await notify(session, case, NotificationEvent.DECIDED, [case.opened_by], approval=approval, key=key)
            facts = {"approval": str(approval.id), "step": approval.step, "verdict": verdict, "policy": policy.version}
            await record_fact(session, case.tenant_id, "approval.close", by or "timer", case.reference, **facts)
        await end_undo_window(session, approval)
        return await verdict_of(session, approval, await votes_of(session, approval.id))


async def remind(database: Database, nudge: TimerFired) -> bool:
    """Remind those who have not answered, each time once; False if it is closed or this reminder went out before."""
    async with database.transaction(nudge.tenant) as session:
        approval = await _note(session, nudge, Approval.reminders_sent.key, Approval.reminded_at.key)
        if approval is None:
            return False
        policy = approval.fixed_policy
        case = await session.get_one(Case, approval.case_id)
        able = await able_people(session, policy.who, policy.left_out)
        answered = answerers(await votes_of(session, approval.id))
        silent = {person: name for person, name in able.items() if person not in answered}
        word, event = (
            ("last reminder", NotificationEvent.LAST_REMINDER)
            if nudge.last
            else ("reminder", NotificationEvent.REMINDED)
        )
        sentence = f"A {word} went to {join_names(list(silent.values()), word='and') or 'nobody'}."
        key = f"reminded:{approval.id}:{nudge.number}"
        await add_to_journal(session, case, JournalLine(key=key, kind="reminded", sentence=sentence))
        await notify(session, case, event, silent, approval=approval, key=key)
    return True


async def escalate(database: Database, nudge: TimerFired) -> bool:
    """Ask the people of this escalation too, once."""
    async with database.transaction(nudge.tenant) as session:
        approval = await _note(session, nudge, Approval.escalations_done.key, Approval.escalated_at.key)
        if approval is None:
            return False
        policy = approval.fixed_policy
        to = policy.chain[nudge.number - 1] if policy.chain else policy.escalate_to
        case = await session.get_one(Case, approval.case_id, with_for_update=True)
        await add_candidates(session, {approval.id: to})
        who = tuple(dict.fromkeys((*policy.who, *to)))
        await say_who(session, approval, case, policy.model_copy(update={"who": who}))
        asked = await able_people(session, to, policy.left_out)
        words = f"{join_names(list(asked.values()), word='and') or 'Nobody'} can answer now too."
        key = f"escalated:{approval.id}:{nudge.number}"
        await add_to_journal(session, case, JournalLine(key=key, kind="escalated", sentence=words))
        former = set(await notified_of(session, approval)) - set(asked)
        note = "The time to answer is over. You can answer now too."
        await notify(session, case, NotificationEvent.ESCALATED, asked, approval=approval, key=key, note=note)
        await notify(session, case, NotificationEvent.ESCALATED, former, approval=approval, key=key, note=words)
    return True


async def _note(session: AsyncSession, nudge: TimerFired, count: str, at: str) -> Approval | None:
    """The approval, if this is news to it: still open, and not told so often yet."""
    fresh = getattr(Approval, count) < nudge.number
    changed = await session.execute(
        update(Approval)
        .where(Approval.id == nudge.approval_id, Approval.state == ApprovalState.OPEN, fresh)
        .values({count: nudge.number, at: func.clock_timestamp()})
    )
    if changed.rowcount != 1:
        return None
    return await session.get_one(Approval, nudge.approval_id, populate_existing=True)
