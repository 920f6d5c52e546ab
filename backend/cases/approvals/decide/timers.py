"""Timers of an approval: remind, escalate, and close it at its deadline.

Every function is safe to repeat, for activities run at least once: the approval's row remembers how many reminders
went out and how many escalations were done.
"""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, decisions_of, people_done
from backend.cases.approvals.core.close import close, end_undo_window, verdict_of
from backend.cases.approvals.core.escalation import OVERDUE, ask_more
from backend.cases.audit.record import record_fact
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.database.tables import Approval, Case
from backend.kit.approval import DEADLINE, ApprovalState, AtDeadline, Verdict
from backend.kit.i18n import N_
from backend.kit.names import join_names
from backend.kit.notification import NotificationEvent


class TimerFired(BaseModel):
    """Which approval to remind or escalate, and which reminder or escalation it is (1 = first)."""

    tenant: str
    approval_id: UUID
    number: int = 1
    last: bool = False


class DeadlineReached(TimerFired):
    """Which verdict to give it if it has none; for `expired`, the policy says what the deadline does."""

    verdict: ApprovalState


_BY_DEADLINE = {
    AtDeadline.APPROVE: (ApprovalState.APPROVED, N_("Approved automatically at the deadline ({step}).")),
    AtDeadline.REJECT: (ApprovalState.REJECTED, N_("Rejected automatically at the deadline ({step}).")),
    AtDeadline.GO_ON: (ApprovalState.NOT_NEEDED, N_("Nobody decided in time; the case continues ({step}).")),
}
_EXPIRED = (ApprovalState.EXPIRED, N_("Nobody decided in time ({step})."))


async def close_approval(database: Database, closing: DeadlineReached) -> Verdict:
    """Close it with this verdict unless it has one already; returns the verdict that it has."""
    async with database.transaction(closing.tenant) as session:
        approval = await session.get_one(Approval, closing.approval_id, with_for_update=True)
        policy = approval.fixed_policy
        verdict, message, by = closing.verdict, "", None
        if verdict is ApprovalState.EXPIRED:
            (verdict, message), by = _BY_DEADLINE.get(policy.at_deadline, _EXPIRED), DEADLINE
        if await close(session, approval, verdict, by=by):
            case = await session.get_one(Case, approval.case_id)
            if message:
                sentence = message.format(step=approval.label)
                line = JournalLine(key=f"close:{approval.id}", kind=verdict, sentence=sentence)
                await add_to_journal(session, case, line)
                key = f"decided:{approval.id}"
                await notify(session, case, NotificationEvent.DECIDED, [case.opened_by], approval=approval, key=key)
            facts = {"approval": str(approval.id), "step": approval.step, "verdict": verdict, "policy": policy.version}
            await record_fact(session, case.tenant_id, "approval.close", by or "timer", case.reference, **facts)
        await end_undo_window(session, approval)
        return await verdict_of(session, approval, await decisions_of(session, approval.id))


async def remind(database: Database, timer: TimerFired) -> bool:
    """Remind people who have not decided, each time once; False if it is closed or this reminder was sent before."""
    async with database.transaction(timer.tenant) as session:
        approval = await _count(session, timer, Approval.reminders_sent.key, Approval.reminded_at.key)
        if approval is None:
            return False
        policy = approval.fixed_policy
        case = await session.get_one(Case, approval.case_id)
        able = await able_people(session, policy.who, policy.left_out)
        done = people_done(await decisions_of(session, approval.id))
        undecided = {person: name for person, name in able.items() if person not in done}
        event = NotificationEvent.LAST_REMINDER if timer.last else NotificationEvent.REMINDED
        sentence = _reminded(list(undecided.values()), last=timer.last)
        key = f"reminded:{approval.id}:{timer.number}"
        await add_to_journal(session, case, JournalLine(key=key, kind="reminded", sentence=sentence))
        await notify(session, case, event, undecided, approval=approval, key=key)
    return True


def _reminded(names: list[str], *, last: bool) -> str:
    if not names:
        return N_("A reminder was due, but nobody is left to remind.")
    message = N_("The last reminder was sent to {names}.") if last else N_("A reminder was sent to {names}.")
    return message.format(names=join_names(names, word="and"))


async def escalate(database: Database, timer: TimerFired) -> bool:
    """Ask the people of this escalation as well, once."""
    async with database.transaction(timer.tenant) as session:
        approval = await _count(session, timer, Approval.escalations_done.key, Approval.escalated_at.key)
        if approval is None:
            return False
        case = await session.get_one(Case, approval.case_id, with_for_update=True)
        await ask_more(session, approval, case, timer.number, OVERDUE)
    return True


async def _count(session: AsyncSession, timer: TimerFired, count: str, at: str) -> Approval | None:
    """The approval if it is open and this timer has not fired before, with the timer counted."""
    is_new = getattr(Approval, count) < timer.number
    changed = await session.execute(
        update(Approval)
        .where(Approval.id == timer.approval_id, Approval.state == ApprovalState.OPEN, is_new)
        .values({count: timer.number, at: func.clock_timestamp()})
    )
    if changed.rowcount != 1:
        return None
    return await session.get_one(Approval, timer.approval_id, populate_existing=True)
