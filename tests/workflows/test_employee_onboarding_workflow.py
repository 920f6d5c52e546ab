"""Every branch of an onboarding: four parallel parts, a first day that can move, and every outcome."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus

from backend.cases.core.journal import journal_of
from backend.cases.lifecycle.amend import amend
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.tables import Case, JournalEntry, Notification
from backend.kit.approval import DecisionKind
from backend.kit.naming import child_id
from backend.kit.progress import MilestoneState, Progress
from backend.processes import by_key
from backend.temporal.history import names_given
from backend.workflows.employee_onboarding_actions import NewStartDate
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
)
from tests.support.temporal import Desk

NOW = MilestoneState.NOW


async def test_four_parts_are_prepared_side_by_side_and_ready_on_the_first_day(desk: Desk) -> None:
    case = await welcome(desk)
    parts = await all_prepared(desk, case)
    assert list(parts) == PARTS
    assert parts["accounts"].milestones[0].detail == "nina.holm"
    recorded = Progress.model_validate((await desk.case(case)).progress)
    assert [part.key for part in recorded.children] == PARTS
    await skip_to(desk, case, first_day())
    ended = await desk.ended(case)
    assert (ended.status, ended.outcome, ended.attention) == ("completed", "onboarded", None)
    assert ended.result is not None
    assert set(ended.result["facts"]) == {"Login", "Equipment", "Desk", "Training"}
    assert {part["key"]: part["state"] for part in ended.progress["children"]} == dict.fromkeys(PARTS, "done")
    done = ["account", "account_activation", "equipment", "equipment_handout", "workplace", "training"]
    assert await effects(desk) == dict.fromkeys(done, True)


async def test_the_manager_is_reminded_a_week_and_a_day_before(desk: Desk) -> None:
    case = await welcome(desk)
    await all_prepared(desk, case)
    await skip_to(desk, case, first_day())
    await desk.ended(case)
    async with desk.database.across_tenants() as session:
        told = select(Notification.person_id).where(Notification.case_id == case.id, Notification.event == "coming")
        assert list(await session.scalars(told)) == ["mona", "mona"]
        lines = select(JournalEntry.sentence).where(JournalEntry.case_id == case.id, JournalEntry.kind == "reminded")
        assert len(list(await session.scalars(lines))) == 2


async def test_the_first_day_moves_while_everything_waits_for_it(desk: Desk) -> None:
    case = await welcome(desk)
    await all_prepared(desk, case)
    await do(desk, case, "move_start", NewStartDate(start_date=first_day(60)))

    async def moved() -> bool:
        return (await progress(desk, case)).milestone("first_day").detail.endswith(f"{first_day(60):%b %Y}")

    await eventually(moved)
    await skip_to(desk, case, first_day(20))
    assert {part.state for part in (await progress(desk, case)).children} == {NOW}
    assert "account_activation" not in await effects(desk)
    await do(desk, case, "move_start", NewStartDate(start_date=first_day(30)))
    await skip_to(desk, case, first_day(30))
    ended = await desk.ended(case)
    assert (ended.outcome, ended.version, ended.input["start_date"]) == ("onboarded", 3, first_day(30).isoformat())


async def test_without_equipment_there_is_no_such_part(desk: Desk) -> None:
    case = await welcome(desk, equipment=[])
    rest = ["accounts", "workplace", "training"]
    assert list(await all_prepared(desk, case, *rest)) == rest


@pytest.mark.parametrize(
    ("choice", "outcome"), [(DecisionKind.REJECT, "rejected"), (DecisionKind.SEND_BACK, "recalled")]
)
async def test_nothing_is_prepared_without_a_yes(desk: Desk, choice: DecisionKind, outcome: str) -> None:
    case = await desk.open_case("employee_onboarding", onboarding(), "hugo")
    await desk.answer(case, "manager", "mona", choice, "Not in this team.")
    if choice is DecisionKind.SEND_BACK:
        await withdraw(desk.database, by_key(), case.reference, "", by=await person(desk.database, "hugo"))
    assert (await desk.ended(case)).outcome == outcome
    assert await effects(desk) == {}


async def test_silence_of_all_managers_prepares_nothing(desk: Desk) -> None:
    case = await desk.open_case("employee_onboarding", onboarding(), "hugo")
    await desk.approval(case, "manager")
    await desk.skip(case, timedelta(days=30))
    assert (await desk.ended(case)).outcome == "expired"
    assert await effects(desk) == {}


async def test_a_recall_while_the_manager_is_asked_prepares_nothing(desk: Desk) -> None:
    case = await desk.open_case("employee_onboarding", onboarding(), "hugo")
    await desk.approval(case, "manager")
    await withdraw(desk.database, by_key(), case.reference, "", by=await person(desk.database, "hugo"))
    assert (await desk.ended(case)).outcome == "recalled"
    assert await effects(desk) == {}


async def test_what_is_sent_back_is_changed_and_confirmed_again(desk: Desk) -> None:
    case = await desk.open_case("employee_onboarding", onboarding(), "hugo")
    await desk.answer(case, "manager", "mona", DecisionKind.SEND_BACK, "She sits in the workshop.")
    form = by_key()["employee_onboarding"].input.model_validate(onboarding(department="Workshop"))
    await amend(desk.database, by_key(), case.reference, form, 1, by=await person(desk.database, "hugo"))
    await desk.answer(case, "manager", "mona", number=2)
    parts = await all_prepared(desk, case)
    assert parts["workplace"].milestones[0].detail == "Desk 1, Workshop"


async def test_a_recall_takes_back_what_every_part_did(desk: Desk) -> None:
    case = await welcome(desk)
    await all_prepared(desk, case)
    await withdraw(desk.database, by_key(), case.reference, "", by=await person(desk.database, "hugo"))
    ended = await desk.ended(case)
    assert (ended.outcome, ended.attention) == ("recalled", None)
    assert {part["state"] for part in ended.progress["children"]} == {"not_needed"}
    assert await effects(desk) == dict.fromkeys(["account", "equipment", "workplace", "training"], False)
    for key in PARTS:
        child = await desk.client.get_workflow_handle(child_id(case.workflow_id, key)).describe()
        assert child.status is WorkflowExecutionStatus.CANCELED


@pytest.mark.parametrize("hard", [False, True], ids=["cancelled", "terminated"])
async def test_whatever_ends_the_case_its_children_undo_what_they_did(desk: Desk, hard: bool) -> None:  # noqa: FBT001
    case = await welcome(desk)
    await all_prepared(desk, case)
    await (desk.handle(case).terminate("test") if hard else desk.handle(case).cancel())

    async def undone() -> bool:
        return set((await effects(desk)).values()) == {False}

    await eventually(undone)


async def told_of_parts(desk: Desk, case: Case) -> list[str]:
    """Wait until every part has started and ended; the lines about them in the activity."""

    async def find() -> list[str] | None:
        async with desk.database.across_tenants() as session:
            lines = await journal_of(session, case.id)
        told = [line.sentence for line in lines if line.kind in {"part_began", "part_ended"}]
        return told if len(told) >= 2 * len(PARTS) else None

    return await eventually(find)


async def test_the_story_of_the_case_tells_when_a_part_began_and_how_it_ended(desk: Desk) -> None:
    case = await welcome(desk)
    await all_prepared(desk, case)
    again = await welcome(desk)
    await parts_at(desk, again, accounts=MilestoneState.FAILED, training=NOW)
    await withdraw(desk.database, by_key(), again.reference, "", by=await person(desk.database, "hugo"))
    began = {f"{part.capitalize()}: work started." for part in PARTS}
    told = await told_of_parts(desk, again)
    ended = {f"{part.capitalize()}: undone." for part in PARTS if part != "accounts"}
    assert set(told) == began | ended | {"Accounts: failed. This address already has an account."}
    assert len(told) == 2 * len(PARTS)
    await skip_to(desk, case, first_day())
    told = await told_of_parts(desk, case)
    assert sorted(told) == sorted(began | {f"{part.capitalize()}: done." for part in PARTS})


async def test_operators_read_what_each_timer_is_for(desk: Desk) -> None:
    case = await welcome(desk)
    await all_prepared(desk, case)
    expected = {
        case.workflow_id: {"Manager: reminder 1", "until the first day begins"},
        child_id(case.workflow_id, "accounts"): {"First day"},
        child_id(case.workflow_id, "training"): {"Reminder, 7 d before the first day"},
    }
    for own_id, timers in expected.items():
        history = await desk.client.get_workflow_handle(own_id).fetch_history()
        started = [event for event in history.events if event.HasField("timer_started_event_attributes")]
        names = await names_given(desk.client.data_converter, started)
        assert (set(names.values()), len(names)) == (timers, len(started))
