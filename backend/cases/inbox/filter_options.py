"""What the filter of a list offers: the steps and the people that occur in it."""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.inbox.filters import InboxFilter
from backend.cases.inbox.rows import Window, found
from backend.database.patterns import folded
from backend.database.tables import Approval, Person

LOOKED_AT = 500
PEOPLE = 50


@dataclass(frozen=True)
class FilterOptions:
    """Steps by key with their label, and people by id with their name, of the first rows of the list."""

    steps: dict[str, str]
    people: dict[str, str]


async def filter_options(session: AsyncSession, actor: Actor, only: InboxFilter, processes: Processes) -> FilterOptions:
    """What occurs among the first 500 rows, and what is already selected."""
    wide = replace(only, step="", requester="", values={})
    rows = found(actor, processes, wide, Window(None, LOOKED_AT))
    of_rows = select(Approval.step, Approval.label, Approval.requester).join(rows, rows.c.approval_id == Approval.id)
    seen = (await session.execute(of_rows)).all()
    steps = {only.step: only.step} if only.step else {}
    steps |= {step: label for step, label, _ in seen}
    ids = [*sorted({requester for _, _, requester in seen if requester})[:PEOPLE], only.requester]
    people = await session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)).order_by(Person.name))
    return FilterOptions(dict(sorted(steps.items(), key=lambda step: step[1])), dict(people.all()))


async def requester_of(session: AsyncSession, word: str) -> str:
    """The id of the person with this id or name; the word itself if there is none."""
    if not word:
        return ""
    named = select(Person.id).where((Person.id == word) | (folded(Person.name) == folded(word)))
    return await session.scalar(named.limit(1)) or word
