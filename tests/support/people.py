"""Onboardings, and the progress of their parts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from backend.cases.lifecycle.case_actions import take_action
from backend.database.tables import Case, Effect
from backend.kit.naming import child_id
from backend.kit.progress import ChildProgress, MilestoneState, Progress
from backend.processes import by_key
from backend.workflows.core.days import morning_of
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.temporal import Desk

PARTS = ["accounts", "equipment", "workplace", "training"]


def first_day(days: int = 20) -> date:
    """A day so far ahead."""
    return datetime.now(UTC).date() + timedelta(days=days)


def onboarding(**changes: Any) -> dict[str, Any]:
    """The JSON of an onboarding."""
    form = {
        "name": "Nina Holm",
        "email": "nina.holm@example.com",
        "role": "Logistics planner",
        "department": "Logistics",
        "start_date": first_day().isoformat(),
        "manager": "mona",
        "equipment": ["laptop", "phone"],
    }
    return form | changes


async def welcome(desk: Desk, **changes: Any) -> Case:
    """Open an onboarding as hugo and have the manager confirm it."""
    case = await desk.open_case("employee_onboarding", onboarding(**changes), "hugo")
    await desk.answer(case, "manager", "mona")
    return case


async def progress(desk: Desk, case: Case) -> Progress:
    """The progress query of the workflow."""
    answer: Progress = await desk.handle(case).query("progress", result_type=Progress)
    return answer


async def parts_at(desk: Desk, case: Case, **states: MilestoneState) -> dict[str, ChildProgress]:
    """Wait until these parts have these states and the running ones wait for the first day; the parts by key."""

    async def find() -> dict[str, ChildProgress] | None:
        parts = {part.key: part for part in (await progress(desk, case)).children}
        there = all(key in parts and parts[key].state is state for key, state in states.items())
        running = [part for part in parts.values() if part.state is MilestoneState.NOW]
        waiting = all(part.milestones and part.milestones[0].state is MilestoneState.DONE for part in running)
        return parts if there and waiting else None

    return await eventually(find)


async def all_prepared(desk: Desk, case: Case, *keys: str) -> dict[str, ChildProgress]:
    """Wait until all parts wait for the first day; the parts by key."""
    return await parts_at(desk, case, **dict.fromkeys(keys or PARTS, MilestoneState.NOW))


async def with_an_account_already(desk: Desk) -> Case:
    """Welcome somebody who is being welcomed already: her account is refused, the other parts are prepared."""
    await all_prepared(desk, await welcome(desk))
    again = await welcome(desk)
    await parts_at(desk, again, accounts=MilestoneState.FAILED, training=MilestoneState.NOW)
    return again


async def do(desk: Desk, case: Case, action: str, given: BaseModel, who: str = "hugo") -> None:
    """Take a case action as soon as it is offered."""

    async def offered() -> bool:
        return Progress.model_validate((await desk.case(case)).progress).offered(action) is not None

    await eventually(offered)
    by = await person(desk.database, who)
    await take_action(desk.database, by_key(), case.reference, action, given, key=f"{action} {given}", by=by)


async def effects(desk: Desk) -> dict[str, bool]:
    """Every effect by step, and whether it is in force."""
    async with desk.database.across_tenants() as session:
        rows = await session.execute(select(Effect.key, Effect.undone_at))
        return {key.partition(":")[2]: undone is None for key, undone in rows}


async def skip_to(desk: Desk, case: Case, day: date) -> None:
    """Skip every running child to the morning of this day."""
    left = morning_of(day) - datetime.now(UTC) + timedelta(minutes=1)
    for key in PARTS:
        handle = desk.client.get_workflow_handle(child_id(case.workflow_id, key))
        if (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            try:
                await desk.environment.fast_forward(handle, left)
            except RPCError as error:  # a part that failed says so a moment before it ends
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
