"""Who acts: a person with the rights that the database knows right now."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Membership, Person

ADMINS = "admins"


@dataclass(frozen=True)
class Actor:
    """A signed-in person or the holder of a token."""

    person_id: str
    name: str
    tenant: str
    groups: frozenset[str] = frozenset()
    theme: str = "auto"
    scope: str = field(default="", compare=False)

    @property
    def is_admin(self) -> bool:
        """Whether they administer their tenant."""
        return ADMINS in self.groups

    @property
    def principals(self) -> list[str]:
        """How approvals name them: as themselves and as member of each group."""
        return [f"person:{self.person_id}", *(f"group:{group}" for group in sorted(self.groups))]

    @property
    def first_name(self) -> str:
        """How a colleague would call them."""
        return self.name.split()[0]


async def groups_of(session: AsyncSession, person_id: str) -> frozenset[str]:
    """The groups a person is in, read now."""
    rows = await session.scalars(select(Membership.group_id).where(Membership.person_id == person_id))
    return frozenset(rows)


async def read_actor(session: AsyncSession, person_id: str) -> Actor | None:
    """The person with their rights as of this transaction; None if unknown or no longer active."""
    person = await session.get(Person, person_id, populate_existing=True)
    if person is None or not person.active:
        return None
    return Actor(
        person_id=person.id,
        name=person.name,
        tenant=person.tenant_id,
        groups=await groups_of(session, person.id),
        theme=person.theme,
    )


async def names_of(session: AsyncSession, ids: set[str]) -> dict[str, str]:
    """The names of these people."""
    if not ids:
        return {}
    rows = await session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {person_id: name for person_id, name in rows}
