"""Postman and runner of bulk jobs go on when a turn of theirs fails for a reason that nobody thought of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from backend.cases.inbox.bulk import Pick, answer_many
from backend.cases.inbox.bulk_runner import BulkRunner
from backend.database.engine import Database
from backend.database.tables import Approval
from backend.embedded.postgres import EmbeddedPostgres
from backend.kit.approval import ApprovalState, DecisionKind
from backend.processes import by_key
from backend.services.email import MailboxSender
from tests.support.approvals import asked_about
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.post import postmen, settled
from tests.support.postgres import run_as_owner


@asynccontextmanager
async def refused(cluster: EmbeddedPostgres, table: str, caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Nobody may change this table, until somebody tried after what is done inside."""

    async def tried() -> bool:
        return "could not go on" in caplog.text

    await run_as_owner(cluster, f"REVOKE UPDATE ON {table} FROM countersign_app")
    try:
        yield
        await eventually(tried)
    finally:
        await run_as_owner(cluster, f"GRANT UPDATE ON {table} TO countersign_app")


async def test_a_postman_who_was_refused_comes_again(
    cluster: EmbeddedPostgres, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with postmen(database, MailboxSender(database)):
        async with refused(cluster, "deliveries", caplog):
            await asked_about(database)
        assert await eventually(lambda: settled(database))


async def test_a_runner_who_was_refused_goes_on(
    cluster: EmbeddedPostgres, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    _, approval = await asked_about(database)
    finn, stop = await person(database, "finn"), asyncio.Event()
    await answer_many(database, [Pick(approval.approval_id, 1)], DecisionKind.APPROVE, "", by=finn)
    async with refused(cluster, "bulk_items", caplog):
        running = asyncio.create_task(BulkRunner(database, by_key()).run(stop))

    async def approved() -> bool:
        async with database.transaction("default") as session:
            return (await session.get_one(Approval, approval.approval_id)).state == ApprovalState.APPROVED

    await eventually(approved)
    stop.set()
    await running
