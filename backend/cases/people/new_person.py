"""Add an account."""

from dataclasses import dataclass

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import record_fact
from backend.cases.core.errors import CaseError
from backend.cases.people.tokens import COMMAND_LINE
from backend.database.engine import Database
from backend.database.tables import Group, Membership, Person, Tenant
from backend.kit.addresses import BadAddress, sendable
from backend.kit.text import is_blank, login_name, one_spelling, single_line

SHORTEST_PASSWORD = 12
LONGEST_NAME = 60


class AccountRefused(CaseError):
    """This account cannot be created."""

    status = 422
    code = "account_refused"


@dataclass(frozen=True)
class NewPerson:
    """A new account: login name, tenant, display name, email, manager and groups."""

    id: str
    tenant: str
    name: str
    email: str
    manager: str | None = None
    groups: tuple[str, ...] = ()


async def add_person(database: Database, new: NewPerson, password: str) -> None:
    """Add an account. AccountRefused if the name is taken, the password short, or tenant, manager or group unknown."""
    if len(password) < SHORTEST_PASSWORD:
        raise AccountRefused(f"The password must have at least {SHORTEST_PASSWORD} characters.")
    row = Person(id=login_name(new.id), tenant_id=new.tenant, name=single_line(new.name), email=single_line(new.email))
    _refuse_unusable(row)
    row.manager_id = new.manager
    row.password_hash = PasswordHash((Argon2Hasher(),)).hash(one_spelling(password))
    async with database.across_tenants() as session:
        await _refuse_misfits(session, new, row.id)
        session.add(row)
        await session.flush()
        session.add_all(Membership(tenant_id=new.tenant, group_id=group, person_id=row.id) for group in new.groups)
        facts = {"groups": sorted(new.groups), "manager": new.manager}
        await record_fact(session, new.tenant, "person.add", COMMAND_LINE, row.id, **facts)


def _refuse_unusable(row: Person) -> None:
    """A username is one word, a name shows something, and email can be sent to the address."""
    if not row.id or len(row.id) > LONGEST_NAME or any(each.isspace() or is_blank(each) for each in row.id):
        raise AccountRefused(f"Enter a username of up to {LONGEST_NAME} characters, without spaces.")
    if not row.name:
        raise AccountRefused("Enter a full name.")
    try:
        sendable(row.email)
    except BadAddress as wrong:
        raise AccountRefused(f"{row.email}: {wrong}") from wrong


async def _refuse_misfits(session: AsyncSession, new: NewPerson, name: str) -> None:
    if await session.get(Tenant, new.tenant) is None:
        raise AccountRefused(f"Tenant {new.tenant} not found.")
    if await session.get(Person, name) is not None:
        raise AccountRefused(f"The account {name} already exists.")
    manager = await session.get(Person, new.manager) if new.manager else None
    if new.manager and (manager is None or manager.tenant_id != new.tenant):
        raise AccountRefused(f"Person {new.manager} not found in this tenant.")
    for group in new.groups:
        if await session.get(Group, (new.tenant, group)) is None:
            raise AccountRefused(f"Group {group} not found in this tenant.")
