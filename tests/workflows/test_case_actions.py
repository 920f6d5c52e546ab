"""Case actions of a workflow: taken in order, in time and once; invalid signals are ignored."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import BaseModel
from temporalio.testing import WorkflowEnvironment

from backend.activities.core.services import Services
from backend.cases.lifecycle.case_actions import ActionResult, take_action
from backend.cases.lifecycle.withdraw import withdraw
from backend.cases.outbox.relay import Relay
from backend.database.engine import Database
from backend.database.tables import Case, OutboxRow
from backend.kit.action import ActionTaken, NoInput
from backend.kit.process import Process
from backend.kit.progress import Progress
from backend.temporal.delivery import TemporalDelivery
from backend.workers.run import workflow_worker
from backend.workers.tuning import Tuning
from tests.support.acting import HURRY, MOVE, NewDay, processes
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.outbox import a_case
from tests.support.parcel_workflow import LongParcelWorkflow, ParcelWorkflow, UndeclaredParcelWorkflow
from tests.support.temporal import Desk

DAY = datetime.now(UTC).date() + timedelta(days=40)


def parcels(workflow: type = ParcelWorkflow) -> dict[str, Process]:
    return {**processes(), "purchase_approval": replace(processes()["purchase_approval"], workflow=workflow)}


class HoldBack:
    """A delivery that holds back case actions until released, like a slow network."""

    def __init__(self, deliver: TemporalDelivery) -> None:
        self._deliver = deliver
        self.go = asyncio.Event()

    async def __call__(self, row: OutboxRow) -> str | None:
        if row.kind == "act":
            await self.go.wait()
        return await self._deliver(row)


@pytest.fixture(params=[ParcelWorkflow])
async def parcel_desk(
    request: pytest.FixtureRequest, database: Database, time_machine_server: WorkflowEnvironment, services: Services
) -> AsyncIterator[tuple[Desk, HoldBack]]:
    """A desk whose purchases are parcels."""
    client, stop, known = time_machine_server.client, asyncio.Event(), parcels(request.param)
    post = HoldBack(TemporalDelivery(client, known))
    post.go.set()
    async with AsyncExitStack() as stack:
        tuning = Tuning(grace=timedelta(seconds=1))
        listed: Sequence[Process] = [known["purchase_approval"]]
        await stack.enter_async_context(workflow_worker(client, "purchasing", listed, services, tuning))
        with time_machine_server.with_time_skipping_disabled():
            relay = asyncio.create_task(Relay(database, post).run(stop))
            yield Desk(database, time_machine_server, services), post
            post.go.set()
            stop.set()
            await relay


async def offered(desk: Desk, case: Case, number: int) -> Case:
    """Wait until this offer of the case is open."""

    async def find() -> Case | None:
        now = await desk.case(case)
        offers = Progress.model_validate(now.progress).actions
        return now if any(each.offer == number for each in offers) else None

    return await eventually(find)


async def do(desk: Desk, case: Case, action: str, given: BaseModel, who: str = "finn") -> ActionResult:
    by = await person(desk.database, who)
    key = f"{action} {given.model_dump_json()}"
    return await take_action(desk.database, parcels(), case.reference, action, given, key=key, by=by)


@pytest.mark.parametrize("parcel_desk", [ParcelWorkflow, LongParcelWorkflow], indirect=True)
async def test_acts_come_one_after_another_and_change_what_the_workflow_works_on(
    parcel_desk: tuple[Desk, HoldBack],
) -> None:
    desk, _ = parcel_desk
    case = await a_case(desk.database)
    for number, days in enumerate((1, 2, 3), start=1):
        await offered(desk, case, number)
        await do(desk, case, MOVE.key, NewDay(needed_by=DAY + timedelta(days=days), why="Again"))
    await offered(desk, case, 4)
    await do(desk, case, HURRY.key, NoInput())
    ended = await desk.ended(case)
    assert ended.result is not None
    assert ended.result["sentence"] == f"Finn Aalto hurried it, needed by {DAY + timedelta(days=3)}."
    assert (ended.outcome, ended.version, Progress.model_validate(ended.progress).actions) == ("ordered", 4, [])


async def test_without_an_act_time_decides(parcel_desk: tuple[Desk, HoldBack]) -> None:
    desk, _ = parcel_desk
    case = await a_case(desk.database)
    await offered(desk, case, 1)
    await desk.skip(case, timedelta(days=4))
    assert (await desk.ended(case)).outcome == "expired"


async def test_a_recall_ends_the_waiting(parcel_desk: tuple[Desk, HoldBack]) -> None:
    desk, _ = parcel_desk
    case = await a_case(desk.database)
    await offered(desk, case, 1)
    await withdraw(desk.database, parcels(), case.reference, "", by=await person(desk.database, "ann"))
    assert (await desk.ended(case)).outcome == "recalled"


async def test_an_act_in_time_counts_even_if_its_signal_comes_after_the_timer(
    parcel_desk: tuple[Desk, HoldBack],
) -> None:
    desk, post = parcel_desk
    case = await a_case(desk.database)
    await offered(desk, case, 1)
    post.go.clear()
    await do(desk, case, HURRY.key, NoInput())
    await desk.skip(case, timedelta(days=4))
    assert (await desk.ended(case)).outcome == "ordered"


async def test_signals_that_do_not_fit_are_ignored(parcel_desk: tuple[Desk, HoldBack]) -> None:
    desk, _ = parcel_desk
    case = await a_case(desk.database)
    await offered(desk, case, 1)
    misfit = ActionTaken(
        action="move",
        offer=1,
        key="k",
        by="eve",
        name="Eve",
        at=datetime.now(UTC),
        version=2,
        input={"needed_by": "never"},
    )
    for wrong in (misfit, misfit.model_copy(update={"action": "none"}), misfit.model_copy(update={"offer": 99})):
        await desk.handle(case).signal("act", wrong)
    early = misfit.model_copy(update={"offer": 2})  # kept for its offer, and found not to fit when that is made
    await desk.handle(case).signal("act", early)
    await do(desk, case, MOVE.key, NewDay(needed_by=DAY, why="It fits"))
    await offered(desk, case, 2)
    await do(desk, case, HURRY.key, NoInput())
    ended = await desk.ended(case)
    assert ended.result is not None
    assert date.fromisoformat(ended.result["sentence"].split()[-1].rstrip(".")) == DAY


@pytest.mark.parametrize("parcel_desk", [UndeclaredParcelWorkflow], indirect=True)
async def test_a_case_with_an_undeclared_outcome_does_not_end_and_says_why(
    parcel_desk: tuple[Desk, HoldBack],
) -> None:
    desk, _ = parcel_desk
    case = await a_case(desk.database)
    await offered(desk, case, 1)
    await do(desk, case, HURRY.key, NoInput())

    async def failure() -> str:
        history = await desk.handle(case).fetch_history()
        failed = [each.workflow_task_failed_event_attributes.failure for each in history.events]
        decode = desk.client.data_converter.decode_failure
        return "".join([str(await decode(each)) for each in failed if each.message])

    assert "ended with “ordered”, which is not among its `outcomes`" in await eventually(failure)
    assert (await desk.case(case)).status == "running"
