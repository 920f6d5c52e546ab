"""Add an account, with a password or to be set by a one-time link."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import record_fact
from backend.cases.core.errors import InvalidInput
from backend.cases.people.passwords import hash_password, password_problems
from backend.cases.people.tokens import COMMAND_LINE
from backend.database.engine import Database
from backend.database.inserts import insert_new
from backend.database.tables import Group, Membership, Person, Tenant
from backend.kit.addresses import BadAddress, sendable
from backend.kit.i18n import N_
from backend.kit.text import is_blank, login_name, single_line

LONGEST_NAME = 60


@dataclass(frozen=True)
class NewPerson:
    """A new account: login name, tenant, display name, email, manager and groups."""

    id: str
    tenant: str
    name: str
    email: str
    manager: str | None = None
    groups: tuple[str, ...] = ()


async def add_person(
    database: Database, new: NewPerson, password: str | None = None, *, by: str = COMMAND_LINE
) -> Person:
    """Add an account. InvalidInput if the name is taken, the password short, or tenant, manager or group unknown.

    Without a password, nobody can sign in to it until one is set by a link.
    """
    row = await checked_row(new, password)
    async with database.across_tenants() as session:
        await insert_person(session, row, new.groups, by)
    return row


async def checked_row(new: NewPerson, password: str | None, others: Mapping[str, str] | None = None) -> Person:
    """The account as it is stored. InvalidInput for what is wrong with it, together with the problems of others."""
    row = row_of(new)
    problems = {**(others or {}), **person_problems(row)}
    if password is not None:
        problems |= password_problems(password)
    if problems:
        raise InvalidInput(problems)
    row.password_hash = await asyncio.to_thread(hash_password, password) if password else ""
    return row


def row_of(new: NewPerson) -> Person:
    """The account as it would be stored."""
    name, email = single_line(new.name), single_line(new.email)
    return Person(id=login_name(new.id), tenant_id=new.tenant, name=name, email=email, manager_id=new.manager)


async def insert_person(session: AsyncSession, row: Person, groups: tuple[str, ...], by: str) -> None:
    """Write the account and its memberships, and record who added it. InvalidInput if it does not fit the tenant."""
    if problems := await _misfits(session, row, groups):
        raise InvalidInput(problems)
    if not await insert_new(session, Person, **row.model_dump()):
        raise InvalidInput({"id": N_("The username {name} is taken.").format(name=row.id)})
    session.add_all(Membership(tenant_id=row.tenant_id, group_id=group, person_id=row.id) for group in groups)
    facts = {"groups": sorted(groups), "manager": row.manager_id}
    await record_fact(session, row.tenant_id, "person.add", by, row.id, **facts)


def person_problems(row: Person) -> dict[str, str]:
    """A username is one word, a name shows something, and email can be sent to the address; else what is wrong."""
    problems = {}
    if not row.name or len(row.name) > LONGEST_NAME:
        problems["name"] = N_("Enter a full name of up to {count} characters.").format(count=LONGEST_NAME)
    try:
        sendable(row.email)
    except BadAddress as wrong:
        problems["email"] = str(wrong)
    if not row.id or len(row.id) > LONGEST_NAME or any(each.isspace() or is_blank(each) for each in row.id):
        problems["id"] = N_("Enter a username of up to {count} characters, without spaces.").format(count=LONGEST_NAME)
    return problems


async def _misfits(session: AsyncSession, row: Person, groups: tuple[str, ...]) -> dict[str, str]:
    if await session.get(Tenant, row.tenant_id) is None:
        return {"tenant": N_("There is no tenant {tenant}.").format(tenant=row.tenant_id)}
    problems = {}
    manager = await session.get(Person, row.manager_id) if row.manager_id else None
    if row.manager_id and (manager is None or manager.tenant_id != row.tenant_id):
        problems["manager"] = N_("There is no person {name} in this tenant.").format(name=row.manager_id)
    for group in groups:
        if await session.get(Group, (row.tenant_id, group)) is None:
            problems["groups"] = N_("There is no group {group} in this tenant.").format(group=group)
    return problems
