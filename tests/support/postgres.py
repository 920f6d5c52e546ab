"""A real PostgreSQL for the tests, migrated once, emptied after each."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from backend.database.demo import seed
from backend.database.engine import Database
from backend.database.migrate import let_app_in, migrate
from backend.embedded.postgres import EmbeddedPostgres
from tests.support.folders import data_folder

PASSWORD = "a password of the tests"
EMPTY = """
TRUNCATE cases, case_actions, case_versions, drafts, approvals, candidates, waiting, votes, comments, journal, outbox,
         heartbeats, failing_steps,
         effects, audit, files, saved_filters, bulk_jobs, bulk_items, sessions, tokens, questions,
         delegations, substitutions, sign_in_attempts, notifications, deliveries, articles, mailbox, mail_preferences;
UPDATE budgets SET reserved = 0;
UPDATE stock SET reserved = 0, quantity = CASE sku WHEN 'SHELF-07' THEN 3 ELSE quantity END;
UPDATE people SET active = true;
"""


async def run_as_owner(cluster: EmbeddedPostgres, *statements: str) -> None:
    """Run statements with the rights of the schema's owner."""
    engine = create_async_engine(cluster.owner_url, poolclass=NullPool)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def _prepare(cluster: EmbeddedPostgres) -> None:
    await let_app_in(cluster.owner_url, cluster.app_url)
    database = Database(cluster.app_url)
    await seed(database, PASSWORD)
    await database.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[EmbeddedPostgres]:
    """One cluster for each test process, with the demo's people."""
    with data_folder() as folder:
        cluster = EmbeddedPostgres(folder, durable=False).start()
        migrate(cluster.owner_url)
        asyncio.run(_prepare(cluster))
        yield cluster
        cluster.stop()


@pytest.fixture
async def database(cluster: EmbeddedPostgres) -> AsyncIterator[Database]:
    """The app's database; all cases are deleted afterwards."""
    database = Database(cluster.app_url, pool_size=20)
    yield database
    await database.close()
    await run_as_owner(cluster, *filter(str.strip, EMPTY.split(";")))
