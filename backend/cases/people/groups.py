"""Groups: who is in them, and adding, renaming and removing them."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import record_fact
from backend.cases.core.errors import CaseError, InvalidInput, NotFound
from backend.database.engine import Database
from backend.database.inserts import insert_new
from backend.database.tables import Group, Membership, Person
from backend.kit.i18n import N_
from backend.kit.text import single_line

LONGEST = 60
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class GroupInUse(CaseError):
    """This group has members, or a process names it. It cannot be removed."""

    code = "group_in_use"


@dataclass(frozen=True)
class GroupNow:
    """A group and the names of its active members."""

    id: str
    name: str
    members: tuple[str, ...]


async def list_groups(session: AsyncSession) -> list[GroupNow]:
    """All groups of the tenant, by name."""
    members: dict[str, list[str]] = {}
    joined = select(Membership.group_id, Person.name).join(Person, Person.id == Membership.person_id)
    for group, name in await session.execute(joined.where(Person.active).order_by(Person.name)):
        members.setdefault(group, []).append(name)
    groups = await session.scalars(select(Group).order_by(Group.name, Group.id))
    return [GroupNow(each.id, each.name, tuple(members.get(each.id, ()))) for each in groups]


async def add_group(database: Database, key: str, name: str, *, tenant: str, by: str) -> None:
    """Add a group without members. InvalidInput for a bad key or name, or a key that is taken."""
    words = single_line(name)
    problems = {} if _KEY.fullmatch(key) else {"key": N_("Enter a key of a to z, digits and hyphens.")}
    if problems := problems | _wrong_name(words):
        raise InvalidInput(problems)
    async with database.transaction(tenant) as session:
        if not await insert_new(session, Group, tenant_id=tenant, id=key, name=words):
            raise InvalidInput({"key": N_("There is a group {key} already.").format(key=key)})
        await record_fact(session, tenant, "group.add", by, key, name=words)


async def rename_group(database: Database, key: str, name: str, *, tenant: str, by: str) -> None:
    """Give a group another name; its key stays. InvalidInput, or NotFound."""
    words = single_line(name)
    if problems := _wrong_name(words):
        raise InvalidInput(problems)
    async with database.transaction(tenant) as session:
        group = await _group(session, tenant, key)
        before, group.name = group.name, words
        await record_fact(session, tenant, "group.change", by, key, name=words, before=before)


async def remove_group(database: Database, key: str, named: Collection[str], *, tenant: str, by: str) -> None:
    """Remove a group. GroupInUse if it has members or is one of those `named` by a process; NotFound."""
    async with database.transaction(tenant) as session:
        group = await _group(session, tenant, key)
        member = await session.scalar(select(Membership.person_id).where(Membership.group_id == key).limit(1))
        if member is not None or key in named:
            raise GroupInUse
        await session.delete(group)
        await record_fact(session, tenant, "group.remove", by, key, name=group.name)


def _wrong_name(words: str) -> dict[str, str]:
    if words and len(words) <= LONGEST:
        return {}
    return {"name": N_("Enter a name of up to {count} characters.").format(count=LONGEST)}


async def _group(session: AsyncSession, tenant: str, key: str) -> Group:
    group = await session.get(Group, (tenant, key), with_for_update=True)
    if group is None:
        raise NotFound(N_("There is no group {group} in this tenant.").format(group=key[:60]))
    return group
