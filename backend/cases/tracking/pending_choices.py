"""Choices that wait for a person: a case of theirs is paused until they choose how it continues, or time runs out."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.lifecycle.case_actions import Offer, offers_to
from backend.database.pages import COUNT_UP_TO
from backend.database.tables import Case
from backend.kit.progress import Progress, Turn


@dataclass(frozen=True)
class PendingChoice:
    """One of them: the case, whose turn it is and until when, and the alternatives."""

    case: Case
    turn: Turn
    offers: list[Offer]


async def pending_choices(session: AsyncSession, actor: Actor, processes: Processes) -> list[PendingChoice]:
    """What they have to choose in cases that they opened, the next to end first; up to 1,000.

    What they may do without anybody waiting for it is none.
    """
    turn = Case.progress["turn"]
    statement = (
        select(Case)
        .where(
            Case.tenant_id == actor.tenant,
            Case.opened_by == actor.person_id,
            Case.closed_at.is_(None),
            turn["who"].astext.is_not(None),
            turn["approval_id"].astext.is_(None),
            func.jsonb_array_length(Case.progress["actions"]) > 0,
        )
        .order_by(turn["until"].astext, Case.id)
        .limit(COUNT_UP_TO)
    )
    found = [(case, Progress.model_validate(case.progress)) for case in await session.scalars(statement)]
    return [
        PendingChoice(case, progress.turn, offers)
        for case, progress in found
        if progress.turn and (offers := offers_to(actor, case, processes[case.process], progress))
    ]
