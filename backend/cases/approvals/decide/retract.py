"""Take an answer back: for a short while, and only as long as nothing ran because of it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update

from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.locked_approval import LockedApproval, locked_approval
from backend.cases.approvals.decide.votes import OWN
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.core.errors import NothingToRetract, TooLateToRetract
from backend.cases.notifications.notify import notified_of
from backend.database.engine import Database
from backend.database.tables import Approval, Candidate, OutboxRow, Vote
from backend.kit.approval import ApprovalState
from backend.kit.notification import NotificationEvent


async def retract(database: Database, processes: Processes, approval_id: UUID, *, by: Actor) -> Approval:
    """Take one's own answer back; what it closed is open again. TooLateToUndo once the workflow may have heard."""
    async with locked_approval(database, processes, approval_id, by) as here:
        vote = await here.session.get(Vote, (here.approval.id, here.person.person_id))
        if vote is None or vote.kind != OWN:
            raise NothingToRetract
        until = retract_until(here.approval, [vote], here.person.person_id)
        over = here.case.closed_at is not None or here.case.recall_requested_at is not None
        if until is None or here.seen.now >= min(until, here.approval.expires_at) or over:
            raise TooLateToRetract
        if here.approval.state != ApprovalState.OPEN:
            await _reopen(here, vote)
        await here.session.delete(vote)
        await here.session.flush()
        await check_feasibility(here.session, here.approval, here.case)
        await here.tell("undo", f"took the answer back: {here.approval.label.lower()}.", choice=vote.decision)
        await here.notify(
            NotificationEvent.UNDONE, {here.case.opened_by, *await notified_of(here.session, here.approval)}
        )
        return here.approval


def retract_until(approval: Approval, votes: Iterable[Vote], person_id: str) -> datetime | None:
    """Until when this person can take their answer back; None if there is none or it is not theirs to take back."""
    mine = next((vote for vote in votes if vote.person_id == person_id and vote.kind == OWN), None)
    if mine is None:
        return None
    if approval.state == ApprovalState.OPEN:
        within = approval.fixed_policy.undo_within
        return mine.at + within if within else None
    return approval.undo_until if mine.event is not None else None


async def _reopen(here: LockedApproval, vote: Vote) -> None:
    """Remove the row that would tell the workflow; if the relay has it already, it is too late."""
    own = (OutboxRow.id == vote.event, OutboxRow.state == "waiting", OutboxRow.attempts == 0)
    if (await here.session.execute(delete(OutboxRow).where(*own))).rowcount != 1:
        raise TooLateToRetract
    approval = here.approval
    approval.state, approval.decided_by, approval.decided_at = ApprovalState.OPEN, None, None
    approval.undo_until = None
    decides = (Candidate.approval_id == approval.id, Candidate.role == "decide")
    await here.session.execute(update(Candidate).where(*decides).values(open=True))
