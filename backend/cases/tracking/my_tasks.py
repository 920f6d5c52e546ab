"""What a person has to do: answer a question, edit and resubmit, choose, or resolve a case that needs attention."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.consult.questions import questions_for
from backend.cases.core.access import Processes, may_operate
from backend.cases.core.actor import Actor, names_of
from backend.cases.lifecycle.amend import change_until, sent_back_to
from backend.cases.tracking.pending_choices import pending_choices
from backend.database.pages import COUNT_UP_TO
from backend.database.tables import Case

AT_ONCE = datetime.min.replace(tzinfo=UTC)


class TaskKind(StrEnum):
    """What they have to do."""

    ANSWER = "answer"
    CHANGE = "change"
    CHOOSE = "choose"
    RESOLVE = "resolve"


@dataclass(frozen=True)
class Task:
    """One of them: what to do, who asked for it and in which words, which actions to choose from, and until when.

    `who` is empty where it is the reader.
    """

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
    choices, stuck = await pending_choices(session, actor, processes), await _stuck(session, actor, processes)
    asking = {question.asked_by for question, _ in questions} | {back.decided_by or "" for _, back in changes}
    opened_by = {choice.case.opened_by for choice in choices} | {case.opened_by for case in stuck}
    names = await names_of(session, asking | opened_by) | {actor.person_id: ""}
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
    for choice in choices:
        labels = tuple(offer.action.label for offer in choice.offers)
        who = names[choice.case.opened_by]
        found.append(Task(TaskKind.CHOOSE, choice.case, who, labels=labels, until=choice.turn.until))
    found += [Task(TaskKind.RESOLVE, case, names[case.opened_by], str(case.attention)) for case in stuck]
    return sorted(found, key=lambda turn: turn.until or AT_ONCE)


async def _stuck(session: AsyncSession, actor: Actor, processes: Processes) -> list[Case]:
    """Running cases that need attention: those that they opened, and those of processes that they operate."""
    operated = [key for key, process in processes.items() if may_operate(actor, process)]
    mine = or_(Case.opened_by == actor.person_id, Case.process.in_(operated))
    wanted = (Case.tenant_id == actor.tenant, Case.attention.is_not(None), Case.closed_at.is_(None), mine)
    return list(await session.scalars(select(Case).where(*wanted).order_by(Case.opened_at).limit(COUNT_UP_TO)))
