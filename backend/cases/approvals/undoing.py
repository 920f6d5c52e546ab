"""Take an answer back: for a short while, and only as long as nothing ran because of it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update

from backend.cases.access import Processes
from backend.cases.actor import Actor
from backend.cases.approvals.possible import check_possible
from backend.cases.approvals.scene import Scene, scene
from backend.cases.approvals.voting import OWN
from backend.cases.errors import NothingToUndo, TooLateToUndo
from backend.cases.telling.tell import Event, told_of
from backend.database.engine import Database
from backend.database.tables import Approval, Candidate, OutboxRow, Vote
from backend.kit.approval import ApprovalPolicy, ApprovalState


async def undo(database: Database, processes: Processes, approval_id: UUID, *, by: Actor) -> Approval:
    """Take one's own answer back; what it closed is open again. TooLateToUndo once the workflow may have heard."""
    async with scene(database, processes, approval_id, by) as here:
        vote = await here.session.get(Vote, (here.approval.id, here.person.person_id))
        if vote is None or vote.kind != OWN:
            raise NothingToUndo
        until = undo_until(here.approval, [vote], here.person.person_id)
        over = here.case.closed_at is not None or here.case.recall_requested_at is not None
        if until is None or here.seen.now >= min(until, here.approval.expires_at) or over:
            raise TooLateToUndo
        if here.approval.state != ApprovalState.OPEN:
            await _reopen(here, vote)
        await here.session.delete(vote)
        await here.session.flush()
        await check_possible(here.session, here.approval, here.case)
        await here.tell("undo", f"took the answer back: {here.approval.label.lower()}.", choice=vote.decision)
        await here.notify(Event.UNDONE, {here.case.opened_by, *await told_of(here.session, here.approval)})
        return here.approval


def undo_until(approval: Approval, votes: Iterable[Vote], person_id: str) -> datetime | None:
    """Until when this person can take their answer back; None if there is none or it is not theirs to take back."""
    mine = next((vote for vote in votes if vote.person_id == person_id and vote.kind == OWN), None)
    if mine is None:
        return None
    if approval.state == ApprovalState.OPEN:
        within = ApprovalPolicy.model_validate(approval.policy).undo_within
        return mine.at + within if within else None
    return approval.undo_until if mine.event is not None else None


async def _reopen(here: Scene, vote: Vote) -> None:
    """Remove the row that would tell the workflow; if the relay has it already, it is too late."""
    own = (OutboxRow.id == vote.event, OutboxRow.state == "waiting", OutboxRow.attempts == 0)
    if (await here.session.execute(delete(OutboxRow).where(*own))).rowcount != 1:
        raise TooLateToUndo
    approval = here.approval
    approval.state, approval.decided_by, approval.decided_at = ApprovalState.OPEN, None, None
    approval.undo_until = None
    decides = (Candidate.approval_id == approval.id, Candidate.role == "decide")
    await here.session.execute(update(Candidate).where(*decides).values(open=True))
