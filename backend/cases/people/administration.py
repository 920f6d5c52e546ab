"""Administration of people: their state, groups and manager. Their open approvals are reassigned immediately."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.assign.offboarding import approvals_named, hold, replace_leavers
from backend.cases.audit.record import record_fact
from backend.cases.core.actor import ADMINS, Actor
from backend.cases.core.errors import CaseError, InvalidInput, NotFound
from backend.cases.people.new_person import person_problems
from backend.database.engine import Database
from backend.database.tables import Group, Membership, Person, Session, Token
from backend.kit.i18n import N_
from backend.kit.text import single_line


class ChangeRefused(CaseError):
    """This change is not possible."""

    status = 422
    code = "change_refused"


@dataclass(frozen=True)
class PersonNow:
    """One account with what an administrator may change; `invited` says that it has no password yet."""

    id: str
    name: str
    email: str
    active: bool
    manager: str | None
    groups: tuple[str, ...]
    invited: bool = False
    last_sign_in_at: datetime | None = None


@dataclass(frozen=True)
class PersonChange:
    """How an account should be: able to sign in, in these groups, under this manager (empty for nobody).

    Without a name or an email address, that stays as it is.
    """

    active: bool
    groups: frozenset[str]
    manager: str = ""
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Changed:
    """The person's name, and how many open approvals were reassigned."""

    person: str
    reassigned: int


async def list_people(session: AsyncSession) -> list[PersonNow]:
    """All accounts of the tenant, by name."""
    people = list(await session.scalars(select(Person).order_by(Person.name, Person.id)))
    groups: dict[str, list[str]] = {}
    for group, person in await session.execute(
        select(Membership.group_id, Membership.person_id).order_by(Membership.group_id)
    ):
        groups.setdefault(person, []).append(group)
    return [
        PersonNow(
            each.id,
            each.name,
            each.email,
            each.active,
            each.manager_id,
            tuple(groups.get(each.id, ())),
            not each.password_hash,
            each.last_sign_in_at,
        )
        for each in people
    ]


async def all_groups(session: AsyncSession) -> dict[str, str]:
    """The groups of the tenant, by id and name."""
    rows = await session.execute(select(Group.id, Group.name).order_by(Group.name))
    return dict(rows.all())


async def change_person(database: Database, person_id: str, wanted: PersonChange, *, by: Actor) -> Changed:
    """Bring one account to this state and reassign its open approvals. ChangeRefused or InvalidInput if it cannot be.

    A person who is deactivated is signed out everywhere, and their tokens are revoked.
    """
    async with database.transaction(by.tenant) as session:
        # Decisions refer to people: a stronger lock would make them wait for this change.
        person = await session.get(Person, person_id, with_for_update={"key_share": True})
        if person is None or person.tenant_id != by.tenant:
            raise NotFound(N_("Person not found."))
        before = set(await session.scalars(select(Membership.group_id).where(Membership.person_id == person_id)))
        await _refuse_invalid(session, person_id, wanted, by)
        await _write(session, person, before, wanted, by)
        lost = before - wanted.groups if wanted.active else before
        principals = [f"person:{person_id}", *(f"group:{each}" for each in sorted(lost))]
        named = await approvals_named(session, principals)
        await hold(session, named)
        moved = [await replace_leavers(session, each, [person_id], by.person_id) for each in named]
        return Changed(person.name, sum(moved))


async def disable_person(database: Database, person_id: str, *, by: str) -> Changed:
    """End an account, whatever its tenant, and reassign its open approvals. NotFound for an unknown person."""
    async with database.across_tenants() as session:
        person = await session.get(Person, person_id)
        if person is None:
            raise NotFound(N_("Person not found."))
        groups = await session.scalars(select(Membership.group_id).where(Membership.person_id == person_id))
        wanted = PersonChange(active=False, groups=frozenset(groups), manager=person.manager_id or "")
    actor = Actor(person_id=by, name=by, tenant=person.tenant_id)
    return await change_person(database, person_id, wanted, by=actor)


async def _write(
    session: AsyncSession, person: Person, groups_before: set[str], wanted: PersonChange, by: Actor
) -> None:
    before = {"active": person.active, "groups": sorted(groups_before), "manager": person.manager_id}
    person.active, person.manager_id = wanted.active, wanted.manager or None
    changed = _write_contact(person, wanted)
    groups = sorted(wanted.groups)
    await session.execute(delete(Membership).where(Membership.person_id == person.id))
    session.add_all(Membership(tenant_id=by.tenant, group_id=each, person_id=person.id) for each in groups)
    if not wanted.active:
        await _end_access(session, person.id)
    await session.flush()
    before |= changed
    facts = {"active": wanted.active, "groups": groups, "manager": wanted.manager or None, "before": before}
    facts |= {name: getattr(person, name) for name in changed}
    await record_fact(session, by.tenant, "person.change", by.person_id, person.id, **facts)


def _write_contact(person: Person, wanted: PersonChange) -> dict[str, str]:
    """Write the name and the email address; those that changed, as they were. InvalidInput if they cannot be used."""
    given = {"name": wanted.name, "email": wanted.email}
    new = {name: single_line(value) for name, value in given.items() if value is not None}
    before = {name: str(getattr(person, name)) for name in new if getattr(person, name) != new[name]}
    for name in before:
        setattr(person, name, new[name])
    problems = {name: text for name, text in person_problems(person).items() if name in before}
    if problems:
        raise InvalidInput(problems)
    return before


async def _end_access(session: AsyncSession, person_id: str) -> None:
    """End sessions and tokens for good: they do not come back with the account."""
    await session.execute(delete(Session).where(Session.person_id == person_id))
    mine = (Token.person_id == person_id, Token.revoked_at.is_(None))
    await session.execute(update(Token).where(*mine).values(revoked_at=func.clock_timestamp()))


async def _refuse_invalid(session: AsyncSession, person_id: str, wanted: PersonChange, by: Actor) -> None:
    if person_id == by.person_id and not (wanted.active and ADMINS in wanted.groups):
        raise ChangeRefused(N_("You cannot remove your own administrator access. Ask another administrator."))
    if not wanted.groups <= set(await all_groups(session)):
        raise ChangeRefused(N_("Group not found."))
    above = await session.get(Person, wanted.manager) if wanted.manager else None
    if wanted.manager and (above is None or above.tenant_id != by.tenant or above.id == person_id):
        raise ChangeRefused(N_("Choose another manager."))
