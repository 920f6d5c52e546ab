"""Failed parts of an onboarding: the others continue, and the failed one is retried or resolved by hand."""

import asyncio
from dataclasses import replace

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from backend.activities.core.services import Services
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.kit.action import NoInput
from backend.kit.naming import child_id
from backend.kit.progress import MilestoneState, Progress
from backend.processes import by_key
from backend.services.accounts import AccountRequest, PostgresAccounts
from backend.services.equipment import EquipmentRequest, PostgresEquipment, ReservedEquipment
from backend.services.keyed import Refused
from backend.temporal.history import about, kind_of
from backend.workflows.core.days import morning_of
from backend.workflows.employee_onboarding_actions import Resolution
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.people import (
    PARTS,
    all_prepared,
    do,
    effects,
    first_day,
    onboarding,
    parts_at,
    progress,
    skip_to,
    welcome,
    with_an_account_already,
)
from tests.support.temporal import Desk

FAILED, NOW = MilestoneState.FAILED, MilestoneState.NOW


async def test_one_part_that_fails_does_not_lose_the_others_and_can_be_settled_by_hand(desk: Desk) -> None:
    again = await with_an_account_already(desk)
    parts = await parts_at(desk, again, accounts=FAILED)
    assert parts["accounts"].sentence == "This address already has an account"

    async def attention() -> str | None:
        return (await desk.case(again)).attention

    assert "Accounts: This address already has an account" in await eventually(attention)
    await do(desk, again, "settle", Resolution(how="She keeps the account that she has."))
    await skip_to(desk, again, first_day())
    ended = await desk.ended(again)
    assert (ended.outcome, ended.attention) == ("onboarded", None)
    assert {part["key"]: part["state"] for part in ended.progress["children"]} == dict.fromkeys(PARTS, "done")


async def test_what_can_be_done_about_a_failure_has_no_end_unlike_moving_the_first_day(desk: Desk) -> None:
    again = await with_an_account_already(desk)

    async def offered() -> Progress | None:
        found = await progress(desk, again)
        return found if found.offered("settle") else None

    found = await eventually(offered)
    untils = {action.key: action.until for action in found.actions}
    assert untils == {"move_start": morning_of(first_day()), "try_again": None, "settle": None}


async def test_a_case_whose_part_failed_stays_open_beyond_the_first_day_until_it_is_settled(desk: Desk) -> None:
    again = await with_an_account_already(desk)
    await skip_to(desk, again, first_day())
    done = MilestoneState.DONE
    await parts_at(desk, again, accounts=FAILED, equipment=done, training=done, workplace=done)
    await do(desk, again, "settle", Resolution(how="Opened by hand."))
    assert (await desk.ended(again)).outcome == "onboarded"


async def test_a_recall_after_the_first_day_does_not_claim_to_take_back_what_is_done(desk: Desk) -> None:
    again = await with_an_account_already(desk)
    await skip_to(desk, again, first_day())
    done = MilestoneState.DONE
    await parts_at(desk, again, accounts=FAILED, equipment=done, training=done, workplace=done)
    await withdraw(desk.database, by_key(), again.reference, "", by=await person(desk.database, "hugo"))
    ended = await desk.ended(again)
    assert ended.outcome == "recalled"
    assert ended.result is not None
    assert ended.result["sentence"] == (
        "The onboarding was withdrawn, but something is left to do."
        " Already completed, so it stays: equipment, workplace and training."
    )
    assert "equipment, workplace and training" in str(ended.attention)


async def test_a_child_that_cannot_start_has_failed_and_can_be_tried_again(desk: Desk) -> None:
    case = await desk.open_case("employee_onboarding", onboarding(), "hugo")
    squatter = await desk.client.start_workflow(
        "EmployeeOnboardingWorkflow", id=child_id(case.workflow_id, "training"), task_queue="nobody listens here"
    )
    await desk.answer(case, "manager", "mona")
    parts = await parts_at(desk, case, training=FAILED, accounts=NOW, equipment=NOW, workplace=NOW)
    assert "could not start" in parts["training"].sentence
    await squatter.terminate()
    await do(desk, case, "try_again", NoInput())
    await all_prepared(desk, case)
    assert await effects(desk) == {"account": True, "equipment": True, "workplace": True, "training-2": True}


class TestWithAStoreThatHasNothing:
    """Equipment is out of stock at first."""

    @pytest.fixture
    def services(self, services: Services) -> Services:
        class EmptyStore(PostgresEquipment):
            asked = 0

            async def reserve(self, request: EquipmentRequest) -> ReservedEquipment:
                self.asked += 1
                if self.asked == 1:
                    raise Refused("There is no laptop left.")
                return await super().reserve(request)

        return replace(services, equipment=EmptyStore(services.database))

    async def test_what_failed_is_tried_again_and_the_rest_is_not(self, desk: Desk) -> None:
        case = await welcome(desk)
        await parts_at(desk, case, equipment=FAILED, training=NOW)
        await do(desk, case, "try_again", NoInput())
        await all_prepared(desk, case)
        await skip_to(desk, case, first_day())
        assert (await desk.ended(case)).outcome == "onboarded"
        found = await effects(desk)
        assert (found["equipment"], found["equipment-2"], found["equipment_handout-2"]) == (False, True, True)


class TestWithAStoreThatTakesNothingBack:
    """A part that cannot be undone."""

    @pytest.fixture
    def services(self, services: Services) -> Services:
        class OneWayStore(PostgresEquipment):
            async def release(self, request: EquipmentRequest) -> None:
                raise Refused("It was handed out already.")

        return replace(services, equipment=OneWayStore(services.database))

    async def test_a_recall_says_what_is_left_to_do(self, desk: Desk) -> None:
        case = await welcome(desk)
        await all_prepared(desk, case)
        await withdraw(desk.database, by_key(), case.reference, "", by=await person(desk.database, "hugo"))
        ended = await desk.ended(case)
        assert ended.outcome == "recalled"
        assert "done manually: release equipment" in str(ended.attention)
        assert (await effects(desk))["account"] is False


class SlowDirectory(PostgresAccounts):
    """A directory that blocks until it is released."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def asked(self) -> bool:
        return self.begun.is_set()

    async def activate(self, request: AccountRequest) -> None:
        self.begun.set()
        await self.go_on.wait()
        await super().activate(request)


class TestWithADirectoryThatTakesItsTime:
    """The onboarding is withdrawn while an account is being activated."""

    @pytest.fixture
    def services(self, services: Services) -> Services:
        return replace(services, accounts=SlowDirectory(services.database))

    async def test_what_is_under_way_ends_before_it_is_taken_back(self, desk: Desk, services: Services) -> None:
        directory = services.accounts
        assert isinstance(directory, SlowDirectory)
        case = await welcome(desk)
        await all_prepared(desk, case)
        await skip_to(desk, case, first_day())
        await eventually(directory.asked)
        await withdraw(desk.database, by_key(), case.reference, "", by=await person(desk.database, "hugo"))
        accounts = desk.client.get_workflow_handle(child_id(case.workflow_id, "accounts"))

        async def told_to_stop() -> bool:
            events = (await accounts.fetch_history()).events
            return any(each.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED for each in events)

        await eventually(told_to_stop)
        directory.go_on.set()
        assert (await desk.ended(case)).outcome == "recalled"
        assert [about(each) or kind_of(each) for each in (await accounts.fetch_history()).events if tells(each)] == [
            "create_account",
            "Activity task completed",
            "activate_account",
            "Activity task completed",
            "close_account",
            "Activity task completed",
        ]


def tells(event: HistoryEvent) -> bool:
    """Whether this event is the start or the end of an activity."""
    return event.event_type in {
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    }
