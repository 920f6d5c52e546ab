"""A person who leaves or loses a role leaves no approval without an approver."""

import asyncio

import pytest
from sqlalchemy import select, text

from backend.cases.approvals.request.open_approval import open_approval
from backend.cases.people.administration import ChangeRefused
from backend.database.engine import Database
from backend.database.tables import Approval, Candidate, Case
from backend.kit.approval import DecisionKind
from tests.support.approvals import a_case, answered, asked_about, question_of
from tests.support.conditions import eventually
from tests.support.leaving import change, everybody_as_before

__all__ = ["everybody_as_before"]


pytestmark = pytest.mark.usefixtures("everybody_as_before")


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
