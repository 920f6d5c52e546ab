"""Withdraw: the requester withdraws the case, and its open approvals are closed in the same transaction."""

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.close import close
from backend.cases.audit.record import body_of
from backend.cases.core.access import Processes, case_of
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CommentTooLong, NotAllowed
from backend.cases.core.records import CaseRecords, JournalLine, OutboxMessage, write_records
from backend.cases.lifecycle.errors import CaseClosed
from backend.cases.notifications.notify import notified_of, notify
from backend.cases.outbox import outbox
from backend.database.engine import Database
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalState
from backend.kit.case import Recall
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent
from backend.kit.process import WithdrawalWords
from backend.kit.text import paragraphs

MAX_REASON = 1000


def may_withdraw(actor: Actor, case: Case) -> bool:
    """Whether this person can withdraw it now: the requester and administrators, once, while it is open."""
    is_open = case.closed_at is None and case.recall_requested_at is None
    return is_open and (case.opened_by == actor.person_id or actor.is_admin)


async def withdraw(database: Database, processes: Processes, reference: str, reason: str, *, by: Actor) -> Case:
    """Request that the workflow stops, and withdraw open approvals. Requesting it twice changes nothing more."""
    reason = paragraphs(reason)
    if len(reason) > MAX_REASON:
        raise CommentTooLong(N_("A reason can have up to 1,000 characters."))
    async with database.transaction(by.tenant) as session:
        case = await case_of(session, by, reference, processes)
        if case.opened_by != by.person_id and not by.is_admin:
            raise NotAllowed(N_("Only the requester can withdraw this."))
        await _withdraw(session, case, reason, by)
        case = await session.get_one(Case, case.id, with_for_update=True, populate_existing=True)
        if case.closed_at is not None:
            raise CaseClosed(N_("{reference} is closed and cannot be withdrawn.").format(reference=case.reference))
        if case.recall_requested_at is None:
            await _request(session, case, processes[case.process].withdrawal, reason, by)
        return case


async def _withdraw(session: AsyncSession, case: Case, reason: str, by: Actor) -> None:
    # Approvals are locked before their case, as deciding does, so that the two cannot block each other.
    unreported = or_(Approval.state == ApprovalState.OPEN, Approval.undo_until.is_not(None))
    mine = select(Approval).where(Approval.case_id == case.id, unreported).order_by(Approval.id)
    for approval in await session.scalars(mine.with_for_update()):
        approval.undo_until = None
        if approval.state != ApprovalState.OPEN:
            continue
        await close(session, approval, ApprovalState.WITHDRAWN, by=by.person_id)
        to, key = await notified_of(session, approval), f"recalled:{approval.id}"
        await notify(
            session, case, NotificationEvent.RECALLED, to, approval=approval, key=key, note=reason, by=by.person_id
        )


async def _request(session: AsyncSession, case: Case, words: WithdrawalWords, reason: str, by: Actor) -> None:
    case.recall_requested_at = func.clock_timestamp()  # type: ignore[assignment]
    case.recall_requested_by = by.person_id
    await session.flush()
    await session.refresh(case)
    line = JournalLine(key="recall", kind="recalled", sentence=words.journal, actor=by.person_id, quote=reason)
    assert case.recall_requested_at is not None  # noqa: S101 - set above
    message = OutboxMessage(outbox.Message.RECALL, Recall(by=by.person_id, at=case.recall_requested_at))
    fact = body_of("case.recall", by.person_id, case.reference)
    await write_records(session, CaseRecords.of(case, [line], [message], [fact]))
    await outbox.put_behind(session, case)
