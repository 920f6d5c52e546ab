"""The schema migrates up, down and up again, equals the models, and isolates tenants."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.cases.audit.record import record_fact
from backend.cases.audit.verify import verify
from backend.database.engine import Database
from backend.database.migrate import alembic_config, let_app_in, migrate
from backend.embedded.postgres import EmbeddedPostgres
from tests.support.folders import data_folder
from tests.support.postgres import run_as_owner

WALLED = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""

# An offer that was acted on, twice in the outbox as a workflow that was reset leaves it.
ACTION_IN_THE_OUTBOX = (
    "SELECT set_config('countersign.tenant', '*', true)",
    "INSERT INTO tenants (id, name, time_zone) VALUES ('default', 'Default', 'UTC')",
    """
    INSERT INTO people (id, tenant_id, name, email, password_hash, active, theme)
    VALUES ('ann', 'default', 'Ann Berger', '', '', true, 'auto')
    """,
    """
    INSERT INTO cases (id, tenant_id, process, reference, title, status, input, plan, version, opened_by, source, key,
                       digest, workflow_id, progress)
    VALUES ('00000000-0000-0000-0000-000000000001', 'default', 'p', 'P-1', 'Desks', 'running', '{}', '{}', 2, 'ann',
            'api', 'k', '', 'w', '{}')
    """,
    """
    INSERT INTO outbox (tenant_id, case_id, kind, workflow_id, state, attempts, payload)
    SELECT 'default', id, 'act', 'w', 'sent', 1, jsonb_build_object(
        'action', 'move', 'offer', 1, 'key', 'ann\\:k', 'by', 'ann', 'name', 'Ann Berger', 'version', 2,
        'at', '2026-01-02T03\\:04\\:05Z', 'input', jsonb_build_object('why', 'rain'))
    FROM cases, generate_series(1, 2)
    """,
)


@pytest.fixture
def empty_cluster() -> Iterator[EmbeddedPostgres]:
    """A separate cluster without tables."""
    with data_folder() as folder:
        cluster = EmbeddedPostgres(folder, durable=False).start()
        yield cluster
        cluster.stop()


def test_the_schema_goes_up_and_down_and_says_what_the_models_say(empty_cluster: EmbeddedPostgres) -> None:
    config = alembic_config(empty_cluster.owner_url)
    migrate(empty_cluster.owner_url)
    command.check(config)
    command.downgrade(config, "base")
    migrate(empty_cluster.owner_url)
    command.check(config)


async def test_every_table_of_a_tenant_is_walled(database: Database) -> None:
    async with database.across_tenants() as session:
        assert list(await session.scalars(text(WALLED))) == []


async def test_without_a_tenant_nothing_is_seen_and_with_one_only_its_own(database: Database) -> None:
    counts = {}
    for tenant in ("", "default", "acme", "nobody"):
        async with database.transaction(tenant) as session:
            counts[tenant] = await session.scalar(text("SELECT count(*) FROM people"))
    assert counts == {"": 0, "default": 9, "acme": 1, "nobody": 0}


async def test_a_row_of_another_tenant_can_neither_be_written_nor_changed(database: Database) -> None:
    async with database.transaction("acme") as session:
        changed = await session.execute(text("UPDATE people SET name = 'Mallory' WHERE id = 'ann'"))
        assert changed.rowcount == 0
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.transaction("acme") as session:
            await session.execute(text("INSERT INTO groups (tenant_id, id, name) VALUES ('default', 'x', 'x')"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET body = ''",
        "DELETE FROM audit",
        "INSERT INTO audit (tenant_id, body) VALUES ('default', '{}')",
        "SELECT * FROM facts",
        "DELETE FROM facts",
        "ALTER TABLE cases DISABLE ROW LEVEL SECURITY",
        "DROP TABLE votes",
        "CREATE TABLE mine (id int)",
        "UPDATE alembic_version SET version_num = '0'",
    ],
)
async def test_the_app_can_touch_neither_the_trail_nor_the_schema(database: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        async with database.across_tenants() as session:
            await session.execute(text(statement))


async def test_facts_are_chained_at_commit_and_those_of_a_rollback_never(database: Database) -> None:
    async with database.transaction("default") as session:
        await record_fact(session, "default", "one", "ann", "PUR-1")
        await record_fact(session, "default", "two", "ann", "PUR-1")
    async with database.transaction("default") as session:
        await record_fact(session, "default", "never", "ann", "PUR-1")
        await session.rollback()
    reports = {report.tenant: report for report in await verify(database)}
    assert (reports["default"].rows, reports["default"].ok) == (2, True)


async def test_whoever_begins_later_leaves_the_walls_of_others_as_they_are(database: Database) -> None:
    seen = text("SELECT current_setting('countersign.tenant'), count(*) FROM people GROUP BY 1")
    async with database.transaction("default") as first, database.transaction("o'hara") as second:
        async with database.transaction("acme") as third:
            assert (await third.execute(seen)).all() == [("acme", 1)]
        assert (await first.execute(seen)).all() == [("default", 9)]
        assert await second.scalar(text("SELECT current_setting('countersign.tenant')")) == "o'hara"
    alone = await database.look_up(text("SELECT count(*) AS people FROM people"), {})
    assert alone is not None
    assert alone["people"] == 0


async def _case_actions(cluster: EmbeddedPostgres) -> list[tuple[Any, ...]]:
    await let_app_in(cluster.owner_url, cluster.app_url)
    database = Database(cluster.app_url)
    async with database.transaction("default") as session:
        rows = await session.execute(text("SELECT offer, key, action, input, version, person_id FROM case_actions"))
        found = [tuple(row) for row in rows]
    await database.close()
    return found


def test_actions_taken_before_they_had_a_table_are_kept(empty_cluster: EmbeddedPostgres) -> None:
    migrate(empty_cluster.owner_url, "0020")
    asyncio.run(run_as_owner(empty_cluster, *ACTION_IN_THE_OUTBOX))
    migrate(empty_cluster.owner_url)
    command.downgrade(alembic_config(empty_cluster.owner_url), "0020")
    migrate(empty_cluster.owner_url)
    assert asyncio.run(_case_actions(empty_cluster)) == [(1, "ann:k", "move", {"why": "rain"}, 2, "ann")]
