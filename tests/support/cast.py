"""The cast of the demo is the cast of the tests."""

from collections.abc import Awaitable, Callable

import pytest

from backend.cases.core.actor import Actor, read_actor
from backend.database.engine import Database

Cast = Callable[[str], Awaitable[Actor]]


async def person(database: Database, name: str) -> Actor:
    """One of the cast, with the rights they have now."""
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
