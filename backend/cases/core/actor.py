"""Who acts: a person with the rights that the database knows right now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

ADMINS = "admins"


@dataclass(frozen=True)
class Actor:
    """A signed-in person or the holder of a token."""

    person_id: str
    name: str
    tenant: str
    groups: frozenset[str] = frozenset()
    theme: str = "auto"
    language: str | None = None
    tenant_name: str = ""
    time_zone: str = "UTC"
    scope: str = field(default="", compare=False)
    stands_in: bool = False

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


_COLUMNS = ("person_id", "name", "tenant", "theme", "language", "tenant_name", "time_zone", "stands_in")
_READ = text("SELECT * FROM actors WHERE person_id = :person")


def actor_from(row: Mapping[str, Any]) -> Actor:
    """An actor from a row that has the columns of `actors`."""
    return Actor(**{name: row[name] for name in _COLUMNS}, groups=frozenset(row["groups"]))


async def read_actor(session: AsyncSession, person_id: str) -> Actor | None:
    """The person with their rights as of this transaction; None if unknown or no longer active."""
    found = (await session.execute(_READ, {"person": person_id})).mappings().first()
    if found is None:
        return None
    remember_names(session, {person_id: found["name"]})
    return actor_from(found)


_NAMES = text("SELECT id, name FROM people WHERE id = ANY(cast(:ids AS text[]))")


async def names_of(session: AsyncSession, ids: set[str]) -> dict[str, str]:
    """The names of these people; each is read once in a transaction."""
    known = _known(session)
    unknown = ids - known.keys() - {""}
    if unknown:
        rows = await session.execute(_NAMES, {"ids": sorted(unknown)})
        known.update((key, name) for key, name in rows)
    return {key: known[key] for key in ids if key in known}


def remember_names(session: AsyncSession, names: Mapping[str, str]) -> None:
    """Have this transaction know names that it read with something else."""
    _known(session).update(names)


def _known(session: AsyncSession) -> dict[str, str]:
    known: dict[str, str] = session.info.setdefault("names", {})
    return known
