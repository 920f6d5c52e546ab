"""A saga undoes its steps in reverse order, each once, whatever stops the case, and reports what it could not undo."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from backend.workers.sandbox import sandbox
from tests.support.conditions import eventually
from tests.support.saga_workflow import AGENCIES, Agency, Journey, JourneyWorkflow, book, give_back

Handle = WorkflowHandle[JourneyWorkflow, list[str]]
Travel = Callable[[Journey], Awaitable[Handle]]
ALL_BOOKED = ["book flight", "book hotel", "book car"]


@pytest.fixture
def agency() -> Agency:
    AGENCIES.append(Agency())
    return AGENCIES[-1]


@pytest.fixture(params=[100, 0], ids=["remembered", "replayed at every step"])
async def travel(
    request: pytest.FixtureRequest, time_machine_server: WorkflowEnvironment, agency: Agency
) -> AsyncIterator[Travel]:
    client = time_machine_server.client
    cached: int = request.param
    worker = Worker(
        client,
        task_queue="journeys",
        workflows=[JourneyWorkflow],
        activities=[book, give_back],
        workflow_runner=sandbox(),
        max_cached_workflows=cached,
    )
    async with worker:
        with time_machine_server.with_time_skipping_disabled():

            async def start(journey: Journey) -> Handle:
                return await client.start_workflow(
                    JourneyWorkflow.run, journey, id=f"journey-{uuid4()}", task_queue="journeys"
                )

            yield start


async def seen(agency: Agency, entry: str) -> None:
    async def find() -> bool:
        return entry in agency.log

    await eventually(find)


async def tried(agency: Agency, part: str) -> None:
    async def find() -> bool:
        return part in agency.tries

    await eventually(find)


async def test_nothing_is_undone_when_all_goes_well(travel: Travel, agency: Agency) -> None:
    assert await (await travel(Journey())).result() == []
    assert agency.log == ALL_BOOKED


async def test_a_refusal_undoes_in_reverse_and_itself_too(travel: Travel, agency: Agency) -> None:
    handle = await travel(Journey(parts={"car": "refused"}))
    assert await handle.result() == ["car: undone", "hotel: undone", "flight: undone", "failed"]
    assert agency.log == [*ALL_BOOKED, "give back car", "give back hotel", "give back flight"]


async def test_an_answer_after_which_nothing_stands_is_not_undone(travel: Travel, agency: Agency) -> None:
    handle = await travel(Journey(parts={"hotel": "declined", "car": "refused"}))
    assert await handle.result() == ["car: undone", "flight: undone", "failed"]


async def test_undoing_is_tried_again_and_counts_once(travel: Travel, agency: Agency) -> None:
    handle = await travel(Journey(parts={"car": "refused"}, back={"hotel": "slow"}))
    assert await handle.result() == ["car: undone", "hotel: undone", "flight: undone", "failed"]
    assert (agency.tries["hotel"], agency.log.count("give back hotel")) == (4, 1)


async def test_what_cannot_be_undone_is_told_and_the_rest_is_undone(travel: Travel, agency: Agency) -> None:
    handle = await travel(Journey(parts={"car": "refused"}, back={"hotel": "never"}))
    assert await handle.result() == ["car: undone", "hotel: no refunds", "flight: undone", "failed"]
    assert agency.log[-1] == "give back flight"


async def test_a_cancelled_case_ends_only_after_all_is_undone(travel: Travel, agency: Agency) -> None:
    handle = await travel(Journey(parts={"car": "away"}))
    await seen(agency, "book car")
    await handle.cancel()
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert agency.log[-3:] == ["give back car", "give back hotel", "give back flight"]


async def test_a_cancellation_amid_the_way_back_does_not_stop_it(travel: Travel, agency: Agency) -> None:
    handle = await travel(Journey(parts={"car": "refused"}, back={"car": "slow"}))
    await tried(agency, "car")
    await handle.cancel()
    assert (await handle.result())[-1] == "failed"
    assert agency.log[-3:] == ["give back car", "give back hotel", "give back flight"]


async def test_a_step_that_waits_is_stopped_and_undone(travel: Travel, agency: Agency) -> None:
    handle = await travel(Journey(parts={"hotel": "away"}))
    await seen(agency, "book hotel")
    await handle.signal(JourneyWorkflow.stop)
    assert await handle.result() == ["hotel: undone", "flight: undone", "stopped"]
    assert "book car" not in agency.log
