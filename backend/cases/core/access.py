"""Who may start, see and operate: the rules for all pages and REST calls."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import Actor
from backend.cases.core.errors import NotAllowed, NotFound
from backend.database.tables import Approval, Case
from backend.kit.i18n import N_
from backend.kit.process import Process

Processes = Mapping[str, Process]


def may_start(actor: Actor, process: Process) -> bool:
    """Whether they may open a case of this process."""
    return bool(actor.groups & process.rights.start)


def startable(actor: Actor, processes: Processes) -> list[Process]:
    """What they may start, in the order of the catalogue."""
    return [process for process in processes.values() if may_start(actor, process)]


def may_operate(actor: Actor, process: Process) -> bool:
    """Whether they may look into and repair executions of this process."""
    return bool(actor.groups & process.rights.operators)


def may_view(actor: Actor, process: Process) -> bool:
    """Whether they may start it, see its cases, or operate it."""
    return may_start(actor, process) or may_operate(actor, process) or bool(actor.groups & process.rights.see)


def require_view(actor: Actor, process: Process) -> None:
    """NotAllowed unless they may look into this process."""
    if not may_view(actor, process):
        raise NotAllowed(N_("You do not have access to “{process}”.").format(process=process.title))


def require_start(actor: Actor, process: Process) -> None:
    """NotAllowed unless they may start it."""
    if not may_start(actor, process):
        raise NotAllowed(N_("You do not have permission to start “{process}”.").format(process=process.title))


def visible_cases(actor: Actor, processes: Processes) -> ColumnElement[bool]:
    """The cases they may see: their own, those they or people they cover for were asked to approve, and by right."""
    seen = [key for key, process in processes.items() if actor.groups & (process.rights.see | process.rights.operators)]
    if actor.is_admin and len(seen) == len(processes):
        return true()
    asked = _OWN + _SUBSTITUTED if actor.stands_in else _OWN
    given = {"viewer": actor.person_id, "viewer_as": actor.principals, "viewed": seen}
    visible: ColumnElement[bool] = text(f"({asked})").bindparams(**given)  # type: ignore[assignment]
    return visible


# Asked about each case by itself: as a set this would be all that they were ever asked, read for each page.
_OWN = """
    cases.opened_by = :viewer OR cases.process = ANY(cast(:viewed AS text[]))
    OR coalesce((SELECT true FROM approvals a JOIN candidates k ON k.approval_id = a.id
                 WHERE a.case_id = cases.id AND k.principal = ANY(cast(:viewer_as AS text[])) LIMIT 1), false)
    OR coalesce((SELECT true FROM approvals a JOIN votes v ON v.approval_id = a.id
                 WHERE a.case_id = cases.id AND v.person_id = :viewer LIMIT 1), false)
"""
_SUBSTITUTED = """
    OR coalesce((SELECT true FROM approvals a JOIN candidates k ON k.approval_id = a.id AND k.role = 'decide'
                 JOIN mandates m ON m.principal = k.principal AND m.substitute_id = :viewer
                 WHERE a.case_id = cases.id AND covers(m.processes, m.up_to, cases.process, cases.amount) LIMIT 1),
                false)
"""


async def case_of(session: AsyncSession, actor: Actor, reference: str, processes: Processes) -> Case:
    """The case with this reference; NotFound if there is none or this person may not see it."""
    mine = visible_cases(actor, processes)
    case: Case | None = await session.scalar(select(Case).where(Case.reference == reference, mine))
    if case is None or case.process not in processes:
        raise not_visible(reference)
    return case


def not_visible(reference: str) -> NotFound:
    """NotFound for this reference; it does not say whether others can see such a case."""
    sentence = N_("There is no case {reference}, or you do not have access to it.")
    return NotFound(sentence.format(reference=reference[:40]))


async def approval_of(
    session: AsyncSession, actor: Actor, approval_id: UUID, processes: Processes, *, lock: bool = False
) -> Approval:
    """The approval, locked on request; NotFound if there is none or its case is not theirs to see."""
    mine = select(Case.id).where(visible_cases(actor, processes))
    statement = select(Approval).where(Approval.id == approval_id, Approval.case_id.in_(mine))
    approval = await session.scalar(statement.with_for_update(of=Approval) if lock else statement)
    if approval is None:
        raise NotFound(N_("This approval does not exist, or you do not have access to it."))
    return approval
