"""A worker loop continues after any error, rests until woken and stops at once, as do the workers that use it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from backend.cases.core.worker_loop import WorkerLoop
from backend.cases.inbox.bulk import Pick, answer_many
from backend.cases.inbox.bulk_runner import BulkRunner
from backend.database.engine import Database
from backend.database.errors import DatabaseAway
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


async def run_until(loop: WorkerLoop, begun: list[float], many: int) -> None:
    """Run a loop until it has started this many batches."""
    stop = asyncio.Event()
    running = asyncio.create_task(loop.run(stop))

    async def enough() -> bool:
        return len(begun) >= many

    await eventually(enough)
    stop.set()
    async with asyncio.timeout(5):
        await running


async def test_a_loop_outlives_every_error_and_logs_which_of_them_are_defects(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun: list[float] = []

    async def work() -> bool:
        begun.append(0)
        if len(begun) < 4:
            raise (DatabaseAway, ConnectionError, ZeroDivisionError)[len(begun) - 1]
        return False

    await run_until(WorkerLoop("The tester", work, poll=0.01, passing=(ConnectionError,)), begun, 5)
    levels = [(record.levelno, record.getMessage()) for record in caplog.records if "tester" in record.getMessage()]
    assert levels == [
        (logging.WARNING, "The tester has to wait: DatabaseAway"),
        (logging.WARNING, "The tester has to wait: ConnectionError"),
        (logging.ERROR, "The tester could not go on"),
    ]


@pytest.mark.parametrize(("rest", "at_least"), [({"gather": 0.2}, 0.2), ({"spacing": 0.2}, 0.2), ({}, 0.0)])
async def test_a_loop_that_is_woken_gathers_or_keeps_its_spacing(rest: dict[str, float], at_least: float) -> None:
    begun: list[float] = []

    async def work() -> bool:
        begun.append(asyncio.get_running_loop().time())
        loop.wake()
        return False

    loop = WorkerLoop("The tester", work, poll=60, **rest)
    await run_until(loop, begun, 3)
    assert min(after - before for before, after in pairwise(begun)) >= at_least


async def test_a_loop_that_has_more_to_do_does_not_rest() -> None:
    begun: list[float] = []

    async def work() -> bool:
        begun.append(0)
        await asyncio.sleep(0)
        return len(begun) < 50

    await run_until(WorkerLoop("The tester", work, poll=600, gather=600), begun, 50)
    assert len(begun) == 50


@asynccontextmanager
async def refused(cluster: EmbeddedPostgres, table: str, caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Revoke updates of this table until a worker has failed after the block."""

    async def tried() -> bool:
        return "could not go on" in caplog.text

    await run_as_owner(cluster, f"REVOKE UPDATE ON {table} FROM countersign_app")
    try:
        yield
        await eventually(tried)
    finally:
        await run_as_owner(cluster, f"GRANT UPDATE ON {table} TO countersign_app")


async def test_a_mailer_that_was_refused_tries_again(
    cluster: EmbeddedPostgres, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with postmen(database, MailboxSender(database)):
        async with refused(cluster, "deliveries", caplog):
            await asked_about(database)
        assert await eventually(lambda: settled(database))


async def test_a_runner_that_was_refused_goes_on(
    cluster: EmbeddedPostgres, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    _, approval = await asked_about(database)
    finn, stop = await person(database, "finn"), asyncio.Event()
    await answer_many(database, by_key(), [Pick(approval.approval_id, 1)], DecisionKind.APPROVE, "", by=finn)
    async with refused(cluster, "bulk_items", caplog):
        running = asyncio.create_task(BulkRunner(database, by_key()).run(stop))

    async def approved() -> bool:
        async with database.transaction("default") as session:
            return (await session.get_one(Approval, approval.approval_id)).state == ApprovalState.APPROVED

    await eventually(approved)
    stop.set()
    await running
