"""Lists of cases: mine, or all that I may see, by the time when they were opened."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes, visible_cases
from backend.cases.core.actor import Actor
from backend.database.pages import COUNT_UP_TO, Page, page_of, read_moment_and_id
from backend.database.patterns import holding, holds
from backend.database.tables import Approval, Candidate, Case, Person, RecordedDecision
from backend.database.tables.cases import SEARCH
from backend.i18n.typed_numbers import UNREADABLE, read_number
from backend.kit.naming import case_workflow_id
from backend.kit.text import single_line

LONGEST = 18  # of a number that can be an amount
COUNTED_AMONG = 5_000  # of the latest cases, where each has to be looked at to tell whether it is found


class CaseOrder(StrEnum):
    """How a list of cases is sorted: by when they were opened, the only column with an index for every list."""

    NEWEST = "-opened"
    OLDEST = "opened"

    @property
    def turned(self) -> "CaseOrder":
        """The opposite order."""
        return CaseOrder.NEWEST if self is CaseOrder.OLDEST else CaseOrder.OLDEST


@dataclass(frozen=True)
class CaseFilter:
    """What to show; empty fields do not filter. `mine` keeps to what they opened, `running` to what is not over."""

    process: str = ""
    status: str = ""
    opened_by: str = ""
    q: str = ""
    mine: bool = False
    running: bool = False
    order: CaseOrder = CaseOrder.NEWEST


@dataclass(frozen=True)
class CaseCount:
    """How many cases a filter finds; `more` says that counting stopped before the end."""

    count: int
    more: bool = False


async def list_cases(
    session: AsyncSession, actor: Actor, processes: Processes, only: CaseFilter, after: str = "", limit: int = 50
) -> Page[Case]:
    """One page. BadCursor if `after` is not ours, or of another order."""
    statement = select(Case).where(*_conditions(actor, processes, only))
    oldest_first = only.order is CaseOrder.OLDEST
    if after:
        place, begin = tuple_(Case.opened_at, Case.id), read_moment_and_id(after, only.order)
        statement = statement.where(place > begin if oldest_first else place < begin)
    keys = (Case.opened_at, Case.id)
    statement = statement.order_by(*(key.asc() if oldest_first else key.desc() for key in keys)).limit(limit + 1)
    rows = list(await session.scalars(statement))
    return page_of(rows, limit, lambda row: (only.order, row.opened_at, row.id))


async def count_cases(session: AsyncSession, actor: Actor, processes: Processes, only: CaseFilter) -> CaseCount:
    """How many the whole list holds: up to 999, and where there are very many cases, among the latest alone."""
    conditions = _conditions(actor, processes, only)
    horizon = None if only.mine and not only.q else await _horizon(session, actor)
    if horizon is not None:
        conditions.append(Case.opened_at >= horizon)
    some = select(Case.id).where(*conditions).order_by(Case.opened_at.desc(), Case.id.desc()).limit(COUNT_UP_TO)
    count = await session.scalar(select(func.count()).select_from(some.subquery())) or 0
    return CaseCount(min(count, COUNT_UP_TO - 1), more=count == COUNT_UP_TO or horizon is not None)


async def _horizon(session: AsyncSession, actor: Actor) -> datetime | None:
    """When the last case was opened that is looked at to count; None if there are few enough to look at all."""
    newest = select(Case.opened_at).where(Case.tenant_id == actor.tenant).order_by(Case.opened_at.desc())
    found: datetime | None = await session.scalar(newest.offset(COUNTED_AMONG).limit(1))
    return found


def _conditions(actor: Actor, processes: Processes, only: CaseFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Case.tenant_id == actor.tenant]  # type: ignore[list-item]
    if only.mine:
        found.append(Case.opened_by == actor.person_id)
    else:
        found.append(visible_cases(actor, processes))
    if only.running:
        found.append(Case.closed_at.is_(None))
    if only.process:
        found.append(Case.process == only.process)
    if only.status:
        found.append(Case.status == only.status)
    if only.opened_by:
        found.append(Case.opened_by == only.opened_by)
    if words := single_line(only.q):
        found.append(_words(words))
    return found


def _words(q: str) -> ColumnElement[bool]:
    """Match a short text of the form, the reference, title or amount, or the name of a requester or approver."""
    people = select(Person.id).where(holds(Person.name, q))
    named = select(func.concat("person:", Person.id)).where(holds(Person.name, q))
    asked = select(Candidate.approval_id).where(Candidate.principal.in_(named))
    decided = select(RecordedDecision.approval_id).where(RecordedDecision.person_id.in_(people))
    approvals = select(Approval.case_id).where(or_(Approval.id.in_(asked), Approval.id.in_(decided)))
    found = [holding(SEARCH, q), Case.opened_by.in_(people), Case.id.in_(approvals)]
    number = read_number(q)
    amounts = [Case.amount == Decimal(number)] if number != UNREADABLE and len(number) <= LONGEST else []
    return or_(*found, *amounts)


async def running_count(session: AsyncSession, actor: Actor) -> int:
    """How many of their own cases are not over, up to 1,000."""
    mine = (Case.tenant_id == actor.tenant, Case.opened_by == actor.person_id, Case.closed_at.is_(None))
    some = select(Case.id).where(*mine).limit(COUNT_UP_TO).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def case_by_workflow(session: AsyncSession, workflow_id: str) -> Case | None:
    """The case behind an execution or a child of it, if there is one."""
    return (await cases_by_workflow(session, [workflow_id])).get(workflow_id)


async def cases_by_workflow(session: AsyncSession, workflow_ids: Collection[str]) -> dict[str, Case]:
    """The cases behind these executions, by workflow id."""
    found = await session.scalars(select(Case).where(Case.workflow_id.in_(map(case_workflow_id, workflow_ids))))
    cases = {case.workflow_id: case for case in found}
    return {each: cases[case_workflow_id(each)] for each in workflow_ids if case_workflow_id(each) in cases}
