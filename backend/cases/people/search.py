"""Find a colleague by name."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.patterns import holds
from backend.database.tables import Person
from backend.kit.text import single_line

SHOWN = 8


@dataclass(frozen=True)
class Found:
    """One person to choose."""

    id: str
    name: str


async def find_people(session: AsyncSession, q: str, without: Collection[str] = ()) -> list[Found]:
    """The first eight active people whose name or login contains it, by name; except for some."""
    words = single_line(q)
    like = holds(Person.name, words) | holds(Person.id, words)
    statement = select(Person.id, Person.name).where(like, Person.active, Person.id.not_in(without))
    rows = await session.execute(statement.order_by(Person.name, Person.id).limit(SHOWN))
    return [Found(key, name) for key, name in rows]
