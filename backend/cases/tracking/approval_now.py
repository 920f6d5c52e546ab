"""The approval that a case waits for as its row is now: workflows learn of decisions and verdicts only afterwards."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.whose_turn import turn_of
from backend.cases.core.actor import names_of
from backend.database.tables import Approval, RecordedDecision
from backend.kit.approval import ApprovalState
from backend.kit.i18n import N_
from backend.kit.progress import MilestoneState, Progress, Turn

_VERDICTS = {
    ApprovalState.APPROVED: N_("{names} approved {subject}."),
    ApprovalState.REJECTED: N_("{names} rejected {subject}."),
    ApprovalState.SENT_BACK: N_("{names} requested changes to {subject}."),
}
_UNDOABLE = {
    ApprovalState.APPROVED: N_("{names} approved {subject}. This can still be undone for a moment."),
    ApprovalState.REJECTED: N_("{names} rejected {subject}. This can still be undone for a moment."),
    ApprovalState.SENT_BACK: N_("{names} requested changes to {subject}. This can still be undone for a moment."),
}


@dataclass(frozen=True)
class ApprovalNow:
    """Whose turn it is at this approval; or its verdict, who gave it, and whether that can still be undone."""

    approval_id: str
    turn: Turn | None
    state: ApprovalState
    names: str = ""
    undoable: bool = False

    def shown_in(self, progress: Progress) -> Progress:
        """The progress with this approval as it is now; unchanged if it waits for another one."""
        if progress.turn is None or progress.turn.approval_id != self.approval_id:
            return progress
        shown = progress.model_copy(deep=True)
        if self.turn is not None:
            shown.reassigned(self.turn)
        elif self.state in _VERDICTS:
            self._show_verdict(shown)
        return shown

    def _show_verdict(self, shown: Progress) -> None:
        sentence = (_UNDOABLE if self.undoable else _VERDICTS)[self.state]
        shown.sentence, shown.turn = sentence.format(names=self.names, subject=shown.subject), None
        for milestone in shown.milestones:
            if milestone.state is MilestoneState.NOW:
                milestone.who, milestone.detail = self.names, self.state.look.label


async def progress_now(session: AsyncSession, known: Sequence[Progress]) -> list[Progress]:
    """The progress of some cases, each with the approval that it waits for as that is now; read at once."""
    now = await approvals_now(session, known)
    return [found.shown_in(each) if (found := now.get(approval_of(each))) else each for each in known]


async def approvals_now(session: AsyncSession, known: Sequence[Progress]) -> dict[UUID | None, ApprovalNow]:
    """The approvals that these wait for, by id."""
    wanted = {key for each in known if (key := approval_of(each))}
    if not wanted:
        return {}
    rows = list(await session.scalars(select(Approval).where(Approval.id.in_(wanted))))
    decisions: dict[UUID, list[RecordedDecision]] = defaultdict(list)
    recorded = select(RecordedDecision).where(RecordedDecision.approval_id.in_(wanted)).order_by(RecordedDecision.at)
    for each in await session.scalars(recorded):
        decisions[each.approval_id].append(each)
    names = await names_of(session, {row.decided_by or "" for row in rows})
    return {row.id: await _now(session, row, decisions[row.id], names) for row in rows}


async def _now(
    session: AsyncSession, row: Approval, decisions: Sequence[RecordedDecision], names: Mapping[str, str]
) -> ApprovalNow:
    state, key = ApprovalState(row.state), str(row.id)
    if state is ApprovalState.OPEN:
        return ApprovalNow(key, await turn_of(session, row, decisions), state)
    undoable = row.undo_until is not None and row.undo_until > datetime.now(UTC)
    return ApprovalNow(key, None, state, names.get(row.decided_by or "", N_("The deadline")), undoable)


def approval_of(progress: Progress) -> UUID | None:
    """The approval that this progress waits for."""
    return UUID(progress.turn.approval_id) if progress.turn and progress.turn.approval_id else None
