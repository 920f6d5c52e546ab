"""Who may start, see and operate: one place for every page and every REST call."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, String, bindparam, false, func, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.cases.actor import Actor
from backend.cases.errors import NotAllowed, NotFound
from backend.database.tables import Approval, Candidate, Case, Vote
from backend.kit.process import Process

Processes = Mapping[str, Process]


def may_start(actor: Actor, process: Process) -> bool:
    """Whether they may open a case of this process."""
    return bool(actor.groups & process.rights.start)


def may_operate(actor: Actor, process: Process) -> bool:
    """Whether they may look into and repair executions of this process."""
    return bool(actor.groups & (process.rights.operate | process.rights.administer))


def require_look(actor: Actor, process: Process) -> None:
    """NotAllowed unless they may start it, see its cases, or operate it."""
    if not (may_start(actor, process) or may_operate(actor, process) or actor.groups & process.rights.see):
        raise NotAllowed(f"“{process.title}” is not yours to look into.")


def require_start(actor: Actor, process: Process) -> None:
    """NotAllowed unless they may start it."""
    if not may_start(actor, process):
        raise NotAllowed(f"You may not start “{process.title}”.")


def visible_cases(actor: Actor, processes: Processes) -> ColumnElement[bool]:
    """The cases they may see: their own, those they or whom they stand in for were asked about, and those by right."""
    seen = [
        key
        for key, process in processes.items()
        if actor.groups & (process.rights.see | process.rights.operate | process.rights.administer)
    ]
    if actor.is_admin and len(seen) == len(processes):
        return true()
    # Asked about each case by itself: as a set this would be all that they were ever asked, read for each page.
    of_case, candidate, vote = aliased(Approval), aliased(Candidate), aliased(Vote)
    asked = (
        select(true())
        .join_from(of_case, candidate, candidate.approval_id == of_case.id)
        .where(of_case.case_id == Case.id, candidate.principal.in_(actor.principals))
    )
    answered = (
        select(true())
        .join_from(of_case, vote, vote.approval_id == of_case.id)
        .where(of_case.case_id == Case.id, vote.person_id == actor.person_id)
    )
    return or_(
        Case.opened_by == actor.person_id,
        Case.process.in_(seen),
        func.coalesce(asked.limit(1).correlate(Case).scalar_subquery(), false()),
        func.coalesce(answered.limit(1).correlate(Case).scalar_subquery(), false()),
        _asked_of_whom_they_stand_in_for(actor) if actor.stands_in else false(),
    )


def _asked_of_whom_they_stand_in_for(actor: Actor) -> ColumnElement[bool]:
    asked: ColumnElement[bool] = text("""
        coalesce((SELECT true FROM approvals a JOIN candidates k ON k.approval_id = a.id AND k.role = 'decide'
                  JOIN mandates m ON m.principal = k.principal AND m.substitute_id = :stands_in
                  WHERE a.case_id = cases.id AND covers(m.processes, m.up_to, cases.process, cases.amount) LIMIT 1),
                 false)
    """).bindparams(bindparam("stands_in", actor.person_id, type_=String))  # type: ignore[assignment]
    return asked


async def case_of(session: AsyncSession, actor: Actor, reference: str, processes: Processes) -> Case:
    """The case with this reference; NotFound if there is none or it is not theirs to see."""
    mine = visible_cases(actor, processes)
    case: Case | None = await session.scalar(select(Case).where(Case.reference == reference, mine))
    if case is None or case.process not in processes:
        raise NotFound(f"There is no case {reference[:40]}, or it is not yours to see.")
    return case


async def approval_of(
    session: AsyncSession, actor: Actor, approval_id: UUID, processes: Processes, *, lock: bool = False
) -> Approval:
    """The approval, locked if told so; NotFound if there is none or its case is not theirs to see."""
    mine = select(Case.id).where(visible_cases(actor, processes))
    statement = select(Approval).where(Approval.id == approval_id, Approval.case_id.in_(mine))
    approval = await session.scalar(statement.with_for_update(of=Approval) if lock else statement)
    if approval is None:
        raise NotFound("There is no such approval, or it is not yours to see.")
    return approval
