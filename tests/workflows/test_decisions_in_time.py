"""The approval row determines whether a decision is in time, however late the workflow learns of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from temporalio.testing import WorkflowEnvironment

from backend.activities.core.services import Services
from backend.cases.outbox.relay import Relay
from backend.database.engine import Database
from backend.database.tables import Case, OutboxRow
from backend.kit.approval import DecisionKind
from backend.processes import by_key
from backend.temporal.delivery import TemporalDelivery
from backend.workers.run import MAKERS
from backend.workers.tuning import Tuning
from tests.support.conditions import eventually
from tests.support.temporal import Desk

BEYOND = timedelta(days=30)  # the deadline of a purchase is after fourteen working days


@dataclass
class Cut(Desk):
    """A desk whose relay can be stopped."""

    @asynccontextmanager
    async def passing_on(self) -> AsyncIterator[None]:
        """Run a relay inside this block."""
        stop = asyncio.Event()
        relay = asyncio.create_task(Relay(self.database, TemporalDelivery(self.client, by_key())).run(stop))
        try:
            yield
        finally:
            stop.set()
            await relay

    async def silent(self, case: Case) -> int:
        """The number of verdicts of this case that were not delivered to Temporal."""
        async with self.database.across_tenants() as session:
            waits = (OutboxRow.case_id == case.id, OutboxRow.kind == "decide", OutboxRow.state == "waiting")
            return await session.scalar(select(func.count()).where(*waits)) or 0

    async def passed_on(self, case: Case) -> None:
        """Wait until the verdict is delivered to Temporal."""

        async def heard() -> bool:
            return await self.silent(case) == 0

        await eventually(heard)


@pytest.fixture
async def cut(database: Database, time_machine_server: WorkflowEnvironment, services: Services) -> AsyncIterator[Cut]:
    """A desk with workers and without a relay."""
    process, tuning = by_key()["purchase_approval"], Tuning(grace=timedelta(seconds=1))
    async with AsyncExitStack() as stack:
        for make in MAKERS.values():
            worker = make(time_machine_server.client, process.domain, [process], services, tuning)
            await stack.enter_async_context(worker)
        with time_machine_server.with_time_skipping_disabled():
            yield Cut(database, time_machine_server, services)


async def test_an_answer_in_time_counts_though_the_workflow_hears_of_the_deadline_first(cut: Cut) -> None:
    async with cut.passing_on():
        yes, no, none = [await cut.open() for _ in range(3)]
        for case in (yes, no, none):
            await cut.approval(case, "manager")
    await cut.answer(yes, "manager", "mona")
    await cut.answer(no, "manager", "mona", DecisionKind.REJECT, "Too dear.")
    outcomes = {}
    for case in (yes, no, none):
        await cut.skip(case, BEYOND)
        outcomes[case.id] = (await cut.ended(case)).outcome
    assert list(outcomes.values()) == ["ordered", "rejected", "expired"]
    assert [await cut.silent(case) for case in (yes, no, none)] == [1, 1, 0]
    async with cut.passing_on():  # the news comes to cases that are over, and changes nothing
        for case in (yes, no, none):
            await cut.passed_on(case)
    assert {case.id: (await cut.case(case)).outcome for case in (yes, no, none)} == outcomes
