"""Who may decide an approval: principals as people and groups, and who of them can today."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Case, CaseVersion, Group, Person, RecordedDecision
from backend.kit.approval import DecisionKind
from backend.kit.i18n import N_


async def resolve(session: AsyncSession, principals: tuple[str, ...]) -> tuple[str, ...]:
    """Principals as people and groups: `manager_of:ann` becomes `person:mona`; `computed` ones are dropped."""
    found = []
    for principal in principals:
        kind, _, name = principal.partition(":")
        if kind == "computed":
            continue
        if kind != "manager_of":
            found.append(principal)
            continue
        manager = await _manager_of(session, name)
        if manager is not None:
            found.append(f"person:{manager}")
    return tuple(dict.fromkeys(found))


async def _manager_of(session: AsyncSession, person: str) -> str | None:
    """Read once in a transaction, as in `named_people`."""
    known: dict[str, str | None] = session.info.setdefault("managers", {})
    if person not in known:
        known[person] = await session.scalar(select(Person.manager_id).where(Person.id == person))
    return known[person]


async def able_people(session: AsyncSession, principals: tuple[str, ...], involved: set[str]) -> dict[str, str]:
    """Who can decide today, by id and name: active, named in some way, and not involved."""
    named = await named_people(session, principals)
    return {key: name for key, (name, active) in named.items() if active and key not in involved}


def _people_and_groups(principals: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Ids of people, and ids of groups."""
    pairs = [(kind, name) for kind, _, name in (each.partition(":") for each in principals)]
    return [name for kind, name in pairs if kind == "person"], [name for kind, name in pairs if kind == "group"]


async def involved_in(session: AsyncSession, case: Case) -> set[str]:
    """The requester and everyone who edited the case."""
    if case.version == 1:
        return {case.opened_by}
    editors = select(CaseVersion.edited_by).where(CaseVersion.case_id == case.id)
    return {case.opened_by, *(await session.scalars(editors))}


async def who_approved_any(session: AsyncSession, approval_ids: Sequence[UUID]) -> set[str]:
    """Who approved one of these, and in whose name."""
    if not approval_ids:
        return set()
    mine = (RecordedDecision.approval_id.in_(approval_ids), RecordedDecision.decision == DecisionKind.APPROVE)
    return people_done(list(await session.scalars(select(RecordedDecision).where(*mine))))


# Advisers become approvers.
_ADD = text("""
    INSERT INTO candidates (tenant_id, approval_id, principal, due_at, open, role)
    SELECT a.tenant_id, a.id, g.principal, a.due_at, g.role = 'decide', g.role
    FROM unnest(cast(:approvals AS uuid[]), cast(:principals AS text[]), cast(:roles AS text[]))
         g(approval_id, principal, role)
    JOIN approvals a ON a.id = g.approval_id
    ON CONFLICT (approval_id, principal) DO UPDATE SET role = 'decide', open = true
    WHERE candidates.role = 'advise' AND excluded.role = 'decide'
""")


async def add_candidates(
    session: AsyncSession, who: Mapping[UUID, Sequence[str]], gone: Mapping[UUID, Sequence[str]] | None = None
) -> None:
    """Put these approvals into the inbox of these people and groups; those who are `gone` do not decide them."""
    rows = {(approval, each): "decide" for approval, named in who.items() for each in named}
    rows |= {(approval, each): "gone" for approval, named in (gone or {}).items() for each in named}
    if rows:
        approvals, principals = zip(*rows, strict=True)
        given = {"approvals": list(approvals), "principals": list(principals), "roles": list(rows.values())}
        await session.execute(_ADD, given)


_DECISIONS = (
    select(RecordedDecision).where(RecordedDecision.approval_id == bindparam("approval")).order_by(RecordedDecision.at)
)


async def decisions_of(session: AsyncSession, approval_id: UUID) -> list[RecordedDecision]:
    """The decisions so far, oldest first."""
    return list(await session.scalars(_DECISIONS, {"approval": approval_id}))


def people_done(decisions: Iterable[RecordedDecision]) -> set[str]:
    """Who can no longer decide: everyone who has decided, and everyone for whom a substitute did."""
    return {who for each in decisions for who in (each.seat, each.person_id)}


async def named_people(session: AsyncSession, principals: tuple[str, ...]) -> dict[str, tuple[str, bool]]:
    """Everybody who is named in some way, by id: their name, and whether they are active.

    Opening or closing one approval needs this several times, so a transaction reads the same principals once. Change
    people and groups before calling this.
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
    people, groups = _people_and_groups(principals)
    if not (people or groups):
        return {}
    rows = await session.execute(_NAMED, {"people": people, "groups": groups})
    return {key: (name, active) for key, name, active in rows}


async def names_of_principals(session: AsyncSession, principals: tuple[str, ...]) -> list[str]:
    """Their names: "the manager of Ann Berger", "finance", "Mona Lind"."""
    ids = {each.partition(":")[2] for each in principals}
    names: dict[str, dict[str, str]] = {}
    for kind, table in (("person", Person), ("group", Group)):
        rows = await session.execute(select(table.id, table.name).where(table.id.in_(ids)))
        names[kind] = dict(rows.all())

    def words(principal: str) -> str:
        kind, _, name = principal.partition(":")
        if kind == "manager_of":
            return N_("the manager of {name}").format(name=names["person"].get(name, name))
        return names.get(kind, {}).get(name, name)

    return [words(each) for each in principals]
