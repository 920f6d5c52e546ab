"""Find a colleague by name."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.patterns import holds
from backend.database.tables import Group, Membership, Person
from backend.kit.text import single_line

SHOWN = 8


@dataclass(frozen=True)
class Found:
    """One person to choose, and the names of their groups."""

    id: str
    name: str
    groups: tuple[str, ...] = ()


_GROUPS = (
    select(func.array_agg(aggregate_order_by(Group.name, Group.name)))
    .join(Membership, (Membership.tenant_id == Group.tenant_id) & (Membership.group_id == Group.id))
    .where(Membership.person_id == Person.id)
    .correlate(Person)
    .scalar_subquery()
)


async def find_people(session: AsyncSession, q: str, without: Collection[str] = ()) -> list[Found]:
    """The first eight active people whose name or login contains it, by name; except for some."""
    words = single_line(q)
    like = holds(Person.name, words) | holds(Person.id, words)
    statement = select(Person.id, Person.name, _GROUPS).where(like, Person.active, Person.id.not_in(without))
    rows = await session.execute(statement.order_by(Person.name, Person.id).limit(SHOWN))
    return [Found(key, name, tuple(groups or ())) for key, name, groups in rows]
