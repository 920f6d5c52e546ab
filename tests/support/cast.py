"""The people of the demo are the people of the tests."""

from collections.abc import Awaitable, Callable

import pytest

from backend.cases.core.actor import Actor, read_actor
from backend.database.engine import Database

Cast = Callable[[str], Awaitable[Actor]]


async def person(database: Database, name: str) -> Actor:
    """A person of the demo with their current rights."""
    async with database.across_tenants() as session:
        actor = await read_actor(session, name)
    assert actor is not None
    return actor


@pytest.fixture
def cast(database: Database) -> Cast:
    """Reads people of the demo by their name."""

    async def call(name: str) -> Actor:
        return await person(database, name)

    return call
