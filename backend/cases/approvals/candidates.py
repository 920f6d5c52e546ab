"""Who may answer an approval: principals as people and groups, and who of them could today."""

from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Approval, Candidate, Case, CaseVersion, Group, Person, Vote


async def resolve(session: AsyncSession, principals: tuple[str, ...]) -> tuple[str, ...]:
    """Principals as people and groups: `manager_of:ann` becomes `person:mona`; whom nobody computed is nobody."""
    found = []
    for principal in principals:
        kind, _, name = principal.partition(":")
        if kind == "computed":
            continue
        if kind != "manager_of":
            found.append(principal)
            continue
        manager = await session.scalar(select(Person.manager_id).where(Person.id == name))
        if manager is not None:
            found.append(f"person:{manager}")
    return tuple(dict.fromkeys(found))


async def able_people(session: AsyncSession, principals: tuple[str, ...], involved: set[str]) -> dict[str, str]:
    """Who could answer today, by id and name: active, asked in some way, and neither requester nor editor."""
    named = await named_people(session, principals)
    return {key: name for key, (name, active) in named.items() if active and key not in involved}


def _apart(principals: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Ids of people, and ids of groups."""
    pairs = [(kind, name) for kind, _, name in (each.partition(":") for each in principals)]
    return [name for kind, name in pairs if kind == "person"], [name for kind, name in pairs if kind == "group"]


async def involved_in(session: AsyncSession, case: Case) -> set[str]:
    """Who asked for this or edited it."""
    if case.version == 1:
        return {case.opened_by}
    editors = select(CaseVersion.edited_by).where(CaseVersion.case_id == case.id)
    return {case.opened_by, *(await session.scalars(editors))}


async def add_candidates(session: AsyncSession, approval: Approval, principals: tuple[str, ...]) -> None:
    """Let these people and groups find it in their inbox; whoever was only asked for advice decides now."""
    if not principals:
        return
    same = {"tenant_id": approval.tenant_id, "approval_id": approval.id, "due_at": approval.due_at}
    adding = insert(Candidate).values([{**same, "principal": principal} for principal in dict.fromkeys(principals)])
    known = [Candidate.approval_id.key, Candidate.principal.key]
    decides = {"role": "decide", "open": True}
    await session.execute(
        adding.on_conflict_do_update(index_elements=known, set_=decides, where=Candidate.role == "advise")
    )


_VOTES = select(Vote).where(Vote.approval_id == bindparam("approval")).order_by(Vote.at)


async def votes_of(session: AsyncSession, approval_id: UUID) -> list[Vote]:
    """The answers so far, oldest first."""
    return list(await session.scalars(_VOTES, {"approval": approval_id}))


async def named_people(session: AsyncSession, principals: tuple[str, ...]) -> dict[str, tuple[str, bool]]:
    """Everybody who is named in some way, by id: their name, and whether they are active.

    Opening or closing one approval asks this several times, so a transaction reads the same principals once.
    Whoever changes people or groups does so before asking.
    """
    known: dict[tuple[str, ...], dict[str, tuple[str, bool]]] = session.info.setdefault("named_people", {})
    if principals not in known:
        known[principals] = await _named_people(session, principals)
    return known[principals]


_NAMED = text("""
    SELECT id, name, active FROM people
    WHERE id = ANY(cast(:people AS text[]))
       OR id IN (SELECT person_id FROM memberships WHERE group_id = ANY(cast(:groups AS text[])))
    ORDER BY name
""")


async def _named_people(session: AsyncSession, principals: tuple[str, ...]) -> dict[str, tuple[str, bool]]:
    people, groups = _apart(principals)
    if not (people or groups):
        return {}
    rows = await session.execute(_NAMED, {"people": people, "groups": groups})
    return {key: (name, active) for key, name, active in rows}


async def names_of_principals(session: AsyncSession, principals: tuple[str, ...]) -> list[str]:
    """How people say it: «the manager of Ann Berger», «finance», «Mona Lind»."""
    ids = {each.partition(":")[2] for each in principals}
    names: dict[str, dict[str, str]] = {}
    for kind, table in (("person", Person), ("group", Group)):
        rows = await session.execute(select(table.id, table.name).where(table.id.in_(ids)))
        names[kind] = dict(rows.all())

    def words(principal: str) -> str:
        kind, _, name = principal.partition(":")
        if kind == "manager_of":
            return f"the manager of {names['person'].get(name, name)}"
        return names.get(kind, {}).get(name, name)

    return [words(each) for each in principals]
