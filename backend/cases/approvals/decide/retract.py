"""Retract a decision: for a short while, and only as long as nothing ran because of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update

from backend.cases.approvals.core.candidates import decisions_of
from backend.cases.approvals.core.errors import NothingToRetract, TooLateToRetract
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.locked_approval import LockedApproval
from backend.cases.approvals.decide.decision import OWN
from backend.cases.notifications.notify import notified_of
from backend.database.tables import Approval, Candidate, OutboxRow, RecordedDecision
from backend.kit.approval import ApprovalState
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent


async def retract(locked: LockedApproval) -> None:
    """Retract one's own decision; what it closed is open again. TooLateToRetract once the workflow may know of it."""
    session, approval = locked.session, locked.approval
    decisions = await decisions_of(session, approval.id)
    own = own_decision(decisions, locked.person.person_id)
    if own is None:
        raise NothingToRetract
    until = retract_until(approval, decisions, locked.person.person_id)
    over = locked.case.closed_at is not None or locked.case.recall_requested_at is not None
    if until is None or locked.eligibility.now >= min(until, approval.expires_at) or over:
        raise TooLateToRetract
    if approval.state != ApprovalState.OPEN:
        await _reopen(locked, own)
    approval.undo_until = None
    await session.delete(own)
    await session.flush()
    await check_feasibility(session, approval, locked.case)
    await locked.record("undo", N_("undid the decision ({step}).").format(step=approval.label), choice=own.decision)
    await locked.notify(NotificationEvent.UNDONE, {locked.case.opened_by, *await notified_of(session, approval)})


def own_decision(decisions: Sequence[RecordedDecision], person_id: str) -> RecordedDecision | None:
    """What this person decided themselves in this round; None if nothing."""
    return next((each for each in decisions if each.person_id == person_id and each.kind == OWN), None)


def retract_until(approval: Approval, decisions: Sequence[RecordedDecision], person_id: str) -> datetime | None:
    """Until when this person can retract their decision; None if there is none, or it is not theirs to retract."""
    own = own_decision(decisions, person_id)
    if own is None:
        return None
    if approval.state != ApprovalState.OPEN:
        return approval.undo_until if own.event is not None else None
    within = approval.fixed_policy.undo_within
    last = max(decisions, key=lambda each: each.at)
    on_the_page = approval.undo_until if own is last else None
    return max(filter(None, [own.at + within if within else None, on_the_page]), default=None)


async def _reopen(locked: LockedApproval, own: RecordedDecision) -> None:
    """Remove the row that would signal the workflow; if the relay has it already, it is too late."""
    unsent = (OutboxRow.id == own.event, OutboxRow.state == "waiting", OutboxRow.attempts == 0)
    if (await locked.session.execute(delete(OutboxRow).where(*unsent))).rowcount != 1:
        raise TooLateToRetract
    approval = locked.approval
    approval.state, approval.decided_by, approval.decided_at = ApprovalState.OPEN, None, None
    decides = (Candidate.approval_id == approval.id, Candidate.role == "decide")
    await locked.session.execute(update(Candidate).where(*decides).values(open=True))
