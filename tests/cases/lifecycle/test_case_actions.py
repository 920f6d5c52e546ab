"""Case actions: taken once per offer, by the right people, in time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select

from backend.cases.core.errors import CaseError, KeyReused, NotAllowed, NotFound
from backend.cases.lifecycle.case_actions import ActionResult, CloseOffer, close_offer, take_action
from backend.cases.lifecycle.errors import ActionNotOffered
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.database.tables import AuditRow, Case, CaseVersion, JournalEntry, OutboxRow, TakenAction
from backend.kit.action import ActionTaken, NoInput
from tests.support.acting import HURRY, MOVE, NewDay, offer, processes
from tests.support.cast import person
from tests.support.outbox import a_case

TOMORROW = datetime.now(UTC) + timedelta(days=1)
DAY = NewDay(needed_by=(TOMORROW + timedelta(days=30)).date(), why="The hall is not ready")


async def do(database: Database, case: Case, who: str = "ann", key: str = "k", given: NewDay = DAY) -> ActionResult:
    by = await person(database, who)
    return await take_action(database, processes(), case.reference, "move", given, key=key, by=by)


async def hurry(database: Database, case: Case, who: str = "finn") -> ActionResult:
    by = await person(database, who)
    return await take_action(database, processes(), case.reference, "hurry", NoInput(), key=f"hurry of {who}", by=by)


async def acts(database: Database) -> list[OutboxRow]:
    async with database.across_tenants() as session:
        statement = select(OutboxRow).where(OutboxRow.kind == "act").order_by(OutboxRow.id)
        return list(await session.scalars(statement))


async def test_an_act_changes_the_form_tells_the_story_and_wakes_the_workflow(database: Database) -> None:
    case = await a_case(database)
    await offer(database, case.reference, [MOVE], TOMORROW)
    done = await do(database, case)
    assert (done.case.version, done.case.input["needed_by"]) == (2, DAY.needed_by.isoformat())
    [row] = await acts(database)
    assert (row.payload["action"], row.payload["offer"], row.payload["version"]) == ("move", 1, 2)
    async with database.across_tenants() as session:
        line = await session.scalar(select(JournalEntry).where(JournalEntry.kind == "move"))
        assert line is not None
        assert (line.actor, line.sentence) == ("ann", f"moved the day to {DAY.needed_by}.")
        version = await session.get_one(CaseVersion, (case.id, 2))
        assert version.edited_by == "ann"
        bodies = list(await session.scalars(select(AuditRow.body)))
        assert any("case.act" in body and '"did": "move"' in body for body in bodies)


async def test_twenty_clicks_of_one_form_are_one_act_and_all_hear_that_it_is_done(database: Database) -> None:
    case = await a_case(database)
    await offer(database, case.reference, [MOVE])
    done = await asyncio.gather(*(do(database, case) for _ in range(20)))
    assert len(await acts(database)) == 1
    assert {one.case.version for one in done} == {2}
    assert sorted(one.replayed for one in done) == [False] + [True] * 19


async def test_of_many_people_who_act_at_once_one_is_first_and_the_others_are_told(database: Database) -> None:
    case = await a_case(database)
    await offer(database, case.reference, [MOVE, HURRY])
    tries = [do(database, case, "ann", "a"), do(database, case, "ann", "b"), hurry(database, case)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["ActionNotOffered", "ActionNotOffered", "ActionResult"]
    assert len(await acts(database)) == 1


async def test_a_report_that_comes_late_does_not_open_an_offer_again(database: Database) -> None:
    case = await a_case(database)
    await offer(database, case.reference, [MOVE])
    await do(database, case, key="first")
    await offer(database, case.reference, [MOVE])
    with pytest.raises(ActionNotOffered):
        await do(database, case, key="second")
    await offer(database, case.reference, [MOVE], number=2)
    assert (await do(database, case, key="third")).case.version == 3


async def test_a_key_stands_for_one_act(database: Database) -> None:
    case = await a_case(database)
    await offer(database, case.reference, [MOVE])
    await do(database, case)
    with pytest.raises(KeyReused):
        await do(database, case, given=NewDay(needed_by=DAY.needed_by, why="Another reason"))


async def test_an_action_is_remembered_after_its_outbox_row_is_gone(database: Database) -> None:
    case = await a_case(database)
    await offer(database, case.reference, [MOVE])
    await do(database, case)
    async with database.across_tenants() as session:
        await session.execute(delete(OutboxRow))  # as retention does after 30 days
    again = await do(database, case)
    assert (again.replayed, again.case.version) == (True, 2)
    with pytest.raises(KeyReused):
        await do(database, case, given=NewDay(needed_by=DAY.needed_by, why="Another reason"))
    await offer(database, case.reference, [MOVE])  # a report of the workflow that comes late
    with pytest.raises(ActionNotOffered):
        await do(database, case, key="another")
    taken = await close_offer(database, CloseOffer(tenant="default", case_id=case.id, offer=1))
    assert taken is not None
    assert (taken.action, taken.by, taken.name, taken.version) == ("move", "ann", "Ann Berger", 2)
    assert await acts(database) == []


async def test_what_the_workflow_receives_is_the_same_by_signal_and_when_it_closes_the_offer(
    database: Database,
) -> None:
    case = await a_case(database)
    await offer(database, case.reference, [MOVE])
    await do(database, case)
    [row] = await acts(database)
    taken = await close_offer(database, CloseOffer(tenant="default", case_id=case.id, offer=1))
    assert taken == ActionTaken.model_validate(row.payload)
    async with database.across_tenants() as session:
        assert await session.scalar(select(func.count()).select_from(TakenAction)) == 1


@pytest.mark.parametrize(
    ("who", "refusal"), [("ann", NotAllowed), ("eve", NotFound), ("mona", NotFound), ("zoe", NotFound)]
)
async def test_only_those_whom_it_is_for_may_act(database: Database, who: str, refusal: type[CaseError]) -> None:
    case = await a_case(database)
    await offer(database, case.reference, [HURRY])
    with pytest.raises(refusal):
        await hurry(database, case, who)
    assert await acts(database) == []
    assert not (await hurry(database, case, "finn")).replayed


async def test_what_is_not_offered_or_too_late_or_of_a_recalled_case_is_refused(database: Database) -> None:
    case = await a_case(database)
    with pytest.raises(ActionNotOffered, match="not available now"):
        await do(database, case)
    await offer(database, case.reference, [MOVE], datetime.now(UTC))
    with pytest.raises(ActionNotOffered, match="deadline has passed"):
        await do(database, case)
    await offer(database, case.reference, [MOVE], TOMORROW)
    await withdraw(database, processes(), case.reference, "", by=await person(database, "ann"))
    with pytest.raises(ActionNotOffered, match="being withdrawn"):
        await do(database, case)
    with pytest.raises(NotFound):
        await take_action(
            database, processes(), case.reference, "none", NoInput(), key="k", by=await person(database, "ann")
        )
    assert await acts(database) == []


async def test_closing_an_offer_and_acting_on_it_agree_on_who_was_first(database: Database) -> None:
    for round_ in range(20):
        case = await a_case(database)
        await offer(database, case.reference, [MOVE], TOMORROW)
        closing = CloseOffer(tenant="default", case_id=case.id, offer=1)
        both = [do(database, case, key=str(round_)), close_offer(database, closing)]
        acted, closed = await asyncio.gather(*both, return_exceptions=True)
        assert isinstance(acted, ActionResult) is (closed is not None), (acted, closed)
    async with database.across_tenants() as session:
        assert await session.scalar(select(func.count()).select_from(Case)) == 20
