"""Who acts: a person with the rights that the database knows right now."""

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Membership, Person, Tenant

ADMINS = "admins"


@dataclass(frozen=True)
class Actor:
    """A signed-in person or the holder of a token."""

    person_id: str
    name: str
    tenant: str
    groups: frozenset[str] = frozenset()
    theme: str = "auto"
    tenant_name: str = ""
    time_zone: str = "UTC"
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


# One round trip, for this runs in every request.
_READ = (
    select(Person, Tenant.name, Tenant.time_zone, func.array_agg(Membership.group_id))
    .join(Tenant, Tenant.id == Person.tenant_id)
    .outerjoin(Membership, Membership.person_id == Person.id)
    .group_by(Person.id, Tenant.id)
)


async def read_actor(session: AsyncSession, person_id: str) -> Actor | None:
    """The person with their rights as of this transaction; None if unknown or no longer active."""
    found = (await session.execute(_READ.where(Person.id == person_id, Person.active))).first()
    if found is None:
        return None
    person, tenant_name, time_zone, groups = found
    return Actor(
        person_id=person.id,
        name=person.name,
        tenant=person.tenant_id,
        groups=frozenset(group for group in groups if group is not None),
        theme=person.theme,
        tenant_name=tenant_name,
        time_zone=time_zone,
    )


async def names_of(session: AsyncSession, ids: set[str]) -> dict[str, str]:
    """The names of these people."""
    if not ids:
        return {}
    rows = await session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return dict(rows.all())
