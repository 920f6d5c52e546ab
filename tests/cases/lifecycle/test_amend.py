"""A request with requested changes is changed once, in time, and not after a withdrawal."""

import asyncio

import pytest
from sqlalchemy import select, text, update

from backend.cases.approvals.core.errors import StaleVersion, TooLateToRetract
from backend.cases.lifecycle.amend import amend
from backend.cases.lifecycle.errors import NotSentBack
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.database.tables import Approval, Case
from backend.kit.approval import DecisionKind
from backend.processes import by_key
from tests.cases.approvals.decide.test_retract_override_correct import WINDOW, stands, take_back
from tests.support.approvals import answered, asked_about
from tests.support.cast import person
from tests.support.conditions import eventually
from tests.support.purchases import purchase


async def amended(database: Database, case: Case, price: str = "999.00") -> None:
    """Ann makes the requested changes."""
    form = by_key()["purchase_approval"].input.model_validate(purchase(price))
    await amend(database, by_key(), case.reference, form, 1, by=await person(database, "ann"))


async def test_what_was_changed_after_a_send_back_is_not_opened_again(database: Database) -> None:
    case, asked = await asked_about(database, undo_within=WINDOW)
    await answered(database, asked, "finn", DecisionKind.SEND_BACK)
    await amended(database, case)
    with pytest.raises(TooLateToRetract):
        await take_back(database, asked.approval_id, "finn")
    assert (await stands(database, asked.approval_id))[0].state == "sent_back"


async def test_the_same_change_again_is_the_same_result(database: Database) -> None:
    case, asked = await asked_about(database)
    await answered(database, asked, "finn", DecisionKind.SEND_BACK)
    for _ in range(2):
        await amended(database, case)
    with pytest.raises(StaleVersion):
        await amended(database, case, "998.00")
    assert (await stands(database, asked.approval_id))[2] == ["decide", "amend"]


async def test_what_is_recalled_is_not_changed_any_more(database: Database) -> None:
    case, asked = await asked_about(database)
    await answered(database, asked, "finn", DecisionKind.SEND_BACK)
    await withdraw(database, by_key(), case.reference, "", by=await person(database, "ann"))
    with pytest.raises(NotSentBack):
        await amended(database, case)


async def test_what_was_sent_back_is_changed_in_time_or_not_at_all(database: Database) -> None:
    case, asked = await asked_about(database)
    await answered(database, asked, "finn", DecisionKind.SEND_BACK)
    async with database.transaction("default") as session:
        at_once = {**case.plan, "amend_within": "PT0S"}
        await session.execute(update(Case).where(Case.id == case.id).values(plan=at_once))
    with pytest.raises(NotSentBack, match="deadline to edit"):
        await amended(database, case)


async def test_two_changes_at_once_are_one(database: Database) -> None:
    """The second change names the version that the first one is still writing."""
    case, asked = await asked_about(database)
    await answered(database, asked, "finn", DecisionKind.SEND_BACK)
    ann = await person(database, "ann")

    async def change(version: int, total: str) -> Case:
        form = by_key()["purchase_approval"].input.model_validate(purchase(total))
        return await amend(database, by_key(), case.reference, form, version, by=ann)

    async def waiting(many: int) -> bool:
        async with database.transaction("default") as session:
            return bool(
                await session.scalar(text("SELECT count(*) = :many FROM pg_locks WHERE NOT granted"), {"many": many})
            )

    async with database.transaction("default") as session:
        await session.execute(select(Approval.id).where(Approval.id == asked.approval_id).with_for_update())
        first = asyncio.create_task(change(1, "20000.00"))
        await eventually(lambda: waiting(1))
        second = asyncio.create_task(change(2, "480.00"))
        await eventually(lambda: waiting(2))
    assert (await first).version == 2
    with pytest.raises(NotSentBack):
        await second
