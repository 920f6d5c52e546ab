"""People who leave or change, and come back when the test is over."""

from collections.abc import AsyncIterator

import pytest

from backend.cases.people.administration import PersonChange, PersonNow, change_person, list_people
from backend.database.engine import Database
from tests.support.cast import person


async def now(database: Database, name: str) -> PersonNow:
    """An account as it is."""
    async with database.transaction("default") as session:
        return next(each for each in await list_people(session) if each.id == name)


async def change(database: Database, name: str, **changes: object) -> int:
    """Change something about a person; how many approvals went to somebody else."""
    known = await now(database, name)
    given = {"active": known.active, "groups": frozenset(known.groups), "manager": known.manager or "", **changes}
    changed = await change_person(database, name, PersonChange(**given), by=await person(database, "root"))
    return changed.reassigned


@pytest.fixture
async def everybody_as_before(database: Database) -> AsyncIterator[None]:
    """The cast is shared by all tests of this process."""
    async with database.transaction("default") as session:
        before = await list_people(session)
    yield
    root = await person(database, "root")
    for each in before:
        wanted = PersonChange(each.active, frozenset(each.groups), each.manager or "")
        await change_person(database, each.id, wanted, by=root)
