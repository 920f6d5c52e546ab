"""The error of a transaction when PostgreSQL stops responding."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from backend.database.engine import Database
from backend.database.errors import DatabaseAway, EndUnknown, UnstorableText, UnstorableValue

# Deferred, so it runs within COMMIT.
SLOW_TO_COMMIT = (
    "CREATE TEMP TABLE slow (number int) ON COMMIT DROP",
    """CREATE FUNCTION pg_temp.sleep() RETURNS trigger LANGUAGE plpgsql
       AS $$BEGIN PERFORM pg_sleep(60); RETURN NULL; END$$""",
    """CREATE CONSTRAINT TRIGGER sleeps AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION pg_temp.sleep()""",
    "INSERT INTO slow VALUES (1)",
)


@pytest.fixture
async def impatient(database: Database) -> AsyncIterator[Database]:
    """A database with a statement timeout of half a second."""
    impatient = Database(database.url, patience=0.5)
    yield impatient
    await impatient.close()


async def run(database: Database, *statements: str) -> None:
    """Run these statements in one transaction."""
    async with database.transaction("default") as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_a_statement_that_hangs_leaves_nothing_behind_and_says_so(impatient: Database) -> None:
    with pytest.raises(DatabaseAway) as away:
        await run(impatient, "SELECT pg_sleep(60)")
    assert not isinstance(away.value, EndUnknown)


async def test_a_commit_that_hangs_is_not_called_undone(impatient: Database) -> None:
    with pytest.raises(EndUnknown):
        await run(impatient, *SLOW_TO_COMMIT)
    await run(impatient, "SELECT 1")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("int", 2**31), ("bigint", 2**63), ("smallint", 10**9), ("text", "\ud800"), ("numeric(5, 2)", 10**9)],
)
async def test_a_value_that_no_column_holds_is_no_failure_of_ours(database: Database, kind: str, value: object) -> None:
    with pytest.raises(UnstorableValue):
        async with database.transaction("default") as session:
            await session.execute(text(f"SELECT cast(:value AS {kind})"), {"value": value})


async def test_text_with_a_zero_byte_is_told_apart(database: Database) -> None:
    with pytest.raises(UnstorableText):
        async with database.transaction("default") as session:
            await session.execute(text("SELECT cast(:value AS text)"), {"value": "a\x00b"})
