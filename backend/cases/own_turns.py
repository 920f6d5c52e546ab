"""What waits for a person in cases that they opened: a question, a form that was sent back, or a choice."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.access import Processes
from backend.cases.actor import Actor, names_of
from backend.cases.amending import change_until, sent_back_to
from backend.cases.approvals.asking_back import questions_for
from backend.cases.choosing import choices_for
from backend.database.tables import Case

AT_ONCE = datetime.min.replace(tzinfo=UTC)


class ToDo(StrEnum):
    """What they have to do."""

    ANSWER = "answer"
    CHANGE = "change"
    CHOOSE = "choose"


@dataclass(frozen=True)
class OwnTurn:
    """One of them: what to do, who asked for it and in which words, and until when."""

    do: ToDo
    case: Case
    who: str = ""
    words: str = ""
    until: datetime | None = None


async def own_turns(session: AsyncSession, actor: Actor, processes: Processes) -> list[OwnTurn]:
    """All of them; questions first, for somebody waits for the answer, then the next to end."""
    questions = await questions_for(session, actor)
    changes = await sent_back_to(session, actor)
    asking = {question.asked_by for question, _ in questions} | {back.decided_by or "" for _, back in changes}
    names = await names_of(session, asking)
    found = [OwnTurn(ToDo.ANSWER, case, names[question.asked_by], question.text) for question, case in questions]
    found += [
        OwnTurn(ToDo.CHANGE, case, names.get(back.decided_by or "", ""), until=change_until(case, back))
        for case, back in changes
    ]
    for choice in await choices_for(session, actor, processes):
        labels = ", ".join(offer.action.label for offer in choice.offers)
        found.append(OwnTurn(ToDo.CHOOSE, choice.case, words=labels, until=choice.turn.until))
    return sorted(found, key=lambda turn: turn.until or AT_ONCE)
