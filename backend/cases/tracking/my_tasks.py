"""What a person has to do in cases that they opened: answer a question, edit and resubmit, or choose."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.consult.questions import questions_for
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor, names_of
from backend.cases.lifecycle.amend import change_until, sent_back_to
from backend.cases.tracking.pending_choices import pending_choices
from backend.database.tables import Case

AT_ONCE = datetime.min.replace(tzinfo=UTC)


class TaskKind(StrEnum):
    """What they have to do."""

    ANSWER = "answer"
    CHANGE = "change"
    CHOOSE = "choose"


@dataclass(frozen=True)
class Task:
    """One of them: what to do, who asked for it and in which words, which actions to choose from, and until when."""

    do: TaskKind
    case: Case
    who: str = ""
    words: str = ""
    labels: tuple[str, ...] = ()
    until: datetime | None = None


async def my_tasks(session: AsyncSession, actor: Actor, processes: Processes) -> list[Task]:
    """All of them; questions first, because an approver waits for the answer, then the next due."""
    questions = await questions_for(session, actor)
    changes = await sent_back_to(session, actor)
    asking = {question.asked_by for question, _ in questions} | {back.decided_by or "" for _, back in changes}
    names = await names_of(session, asking)
    found = [Task(TaskKind.ANSWER, case, names[question.asked_by], question.text) for question, case in questions]
    found += [
        Task(
            TaskKind.CHANGE,
            case,
            names.get(back.decided_by or "", ""),
            until=change_until(case, processes[case.process], back),
        )
        for case, back in changes
        if case.process in processes
    ]
    for choice in await pending_choices(session, actor, processes):
        labels = tuple(offer.action.label for offer in choice.offers)
        found.append(Task(TaskKind.CHOOSE, choice.case, labels=labels, until=choice.turn.until))
    return sorted(found, key=lambda turn: turn.until or AT_ONCE)
