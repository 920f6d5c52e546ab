"""A person who leaves or loses a role leaves no approval without an approver."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, text

from backend.cases.approvals.request.open_approval import open_approval
from backend.cases.people.administration import ChangeRefused, PersonChange, PersonNow, change_person, list_people
from backend.database.engine import Database
from backend.database.tables import Approval, Candidate, Case
from backend.kit.approval import DecisionKind
from tests.support.approvals import a_case, answered, asked_about, question_of
from tests.support.cast import person
from tests.support.conditions import eventually


async def now(database: Database, name: str) -> PersonNow:
    async with database.transaction("default") as session:
        return next(each for each in await list_people(session) if each.id == name)


async def change(database: Database, name: str, **changes: object) -> int:
    """Change a person and return how many approvals were reassigned."""
    known = await now(database, name)
    given = {"active": known.active, "groups": frozenset(known.groups), "manager": known.manager or "", **changes}
    changed = await change_person(database, name, PersonChange(**given), by=await person(database, "root"))
    return changed.reassigned


@pytest.fixture(autouse=True)
async def everybody_as_before(database: Database) -> AsyncIterator[None]:
    """Restore the people, which all tests of this process share."""
    async with database.transaction("default") as session:
        before = await list_people(session)
    yield
    root = await person(database, "root")
    for each in before:
        wanted = PersonChange(each.active, frozenset(each.groups), each.manager or "")
        await change_person(database, each.id, wanted, by=root)


async def seats(database: Database, approval_id: object) -> dict[str, str]:
    async with database.transaction("default") as session:
        rows = await session.scalars(select(Candidate).where(Candidate.approval_id == approval_id))
        return {row.principal: row.role for row in rows}


async def test_the_manager_follows_who_was_asked_in_person_and_left(database: Database) -> None:
    case, approval = await asked_about(database, who=("person:olga",))
    assert await change(database, "olga", active=False) == 1
    assert await seats(database, approval.approval_id) == {"person:olga": "gone", "person:mona": "decide"}
    await answered(database, approval, "mona", DecisionKind.APPROVE)
    async with database.transaction("default") as session:
        assert (await session.get_one(Approval, approval.approval_id)).state == "approved"
        assert (await session.get_one(Case, case.id)).attention is None


async def test_the_requester_never_follows(database: Database) -> None:
    _, approval = await asked_about(database, requester="mona", who=("person:olga",))
    await change(database, "olga", active=False)
    assert await seats(database, approval.approval_id) == {"person:olga": "gone", "person:fay": "decide"}


async def test_where_enough_are_left_nothing_moves(database: Database) -> None:
    _, approval = await asked_about(database)
    assert await change(database, "finn", groups=frozenset({"employees"})) == 0
    assert await seats(database, approval.approval_id) == {"group:finance": "decide"}


async def test_who_loses_a_role_that_is_needed_is_followed_by_the_manager(database: Database) -> None:
    _, approval = await asked_about(database, needed=2)
    assert await change(database, "finn", groups=frozenset({"employees"}), manager="mona") == 1
    assert (await seats(database, approval.approval_id))["person:mona"] == "decide"


async def test_where_nobody_is_left_the_case_needs_attention(database: Database) -> None:
    case, approval = await asked_about(database, who=("person:eve",))
    assert await change(database, "eve", active=False) == 1
    async with database.transaction("default") as session:
        attention = (await session.get_one(Case, case.id)).attention
    assert attention == "Finance: nobody is left who can decide."
    assert await seats(database, approval.approval_id) == {"person:eve": "decide"}


async def test_an_administrator_cannot_lock_themselves_out(database: Database) -> None:
    with pytest.raises(ChangeRefused):
        await change(database, "root", active=False)
    with pytest.raises(ChangeRefused):
        await change(database, "root", groups=frozenset({"employees"}))


async def test_the_cases_of_who_leaves_are_locked_in_the_order_in_which_everybody_does(database: Database) -> None:
    older, newer = await a_case(database), await a_case(database)
    for case in (newer, older):
        await open_approval(database, question_of(case, who=("person:olga",)))
    locked = select(Case.id).with_for_update(nowait=True)

    async def waits() -> bool:
        async with database.across_tenants() as session:
            return bool(await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    async with database.transaction("default") as session:
        await session.execute(locked.where(Case.id == older.id))
        leaving = asyncio.create_task(change(database, "olga", active=False))
        await eventually(waits)
        await session.execute(locked.where(Case.id == newer.id))
    assert await leaving == 2
