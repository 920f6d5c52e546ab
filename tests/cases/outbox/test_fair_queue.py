"""A flood of one person delays that person; somebody else's single case goes first."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from backend.cases.core.errors import CaseError
from backend.cases.lifecycle.accept import Intake
from backend.cases.lifecycle.submission import Opened, Source, Submission, open_cases
from backend.cases.outbox.fair_queue import TooManyWaiting, position_of
from backend.cases.outbox.relay import Relay
from backend.database.engine import Database
from backend.database.tables import Case, OutboxRow
from backend.processes import by_key
from tests.support.cast import person
from tests.support.purchases import purchase

FLOOD = 40


async def submission(database: Database, who: str = "ann", key: str = "") -> Submission:
    """A purchase of this person."""
    process = by_key()["purchase_approval"]
    form = process.input.model_validate(purchase())
    return Submission(process, form, source=Source.API, key=key or str(uuid4()), by=await person(database, who))


async def opened(database: Database, who: str, many: int = 1) -> list[Case]:
    """Purchases that this person opens at once."""
    submissions = [await submission(database, who) for _ in range(many)]
    async with database.transaction("default") as session:
        found = await open_cases(session, submissions)
    return [each.case for each in found if isinstance(each, Opened)]


async def claimed(database: Database, many: int) -> list[str]:
    """Whose cases the relay takes next."""
    taken: list[OutboxRow] = []

    async def deliver(row: OutboxRow) -> str:
        taken.append(row)
        return "a run"

    relay = Relay(database, deliver, in_flight=many)
    rows = await relay._settle_and_claim(many)  # noqa: SLF001 - what one turn of its loop takes
    async with database.across_tenants() as session:
        people = {case.id: case.opened_by for case in await session.scalars(select(Case))}
    return sorted(people[row.case_id] for row in rows)


async def test_who_comes_after_a_flood_is_first_and_two_floods_take_turns(database: Database) -> None:
    await opened(database, "ann", FLOOD)
    await opened(database, "edda", FLOOD)
    await opened(database, "mona")
    async with database.across_tenants() as session:
        # Everything was opened in one instant.
        await session.execute(
            text("""
            UPDATE outbox SET turn_at = timestamptz '2026-01-01' + (turn_at - first.at)
            FROM (SELECT flow, min(turn_at) AS at FROM outbox GROUP BY flow) first WHERE first.flow = outbox.flow
        """)
        )
    assert await claimed(database, 7) == ["ann"] * 3 + ["edda"] * 3 + ["mona"]


async def test_the_flood_of_one_process_does_not_delay_the_same_person_elsewhere(database: Database) -> None:
    await opened(database, "ann", FLOOD)
    async with database.across_tenants() as session:
        flows = set(await session.scalars(select(OutboxRow.flow)))
    assert flows == {"purchase_approval:ann"}


async def test_with_too_many_waiting_more_are_refused_and_repetitions_are_answered(database: Database) -> None:
    intake = Intake(database, limit=3)
    first = [await submission(database) for _ in range(3)]
    for each in first:
        await intake.accept(each)
    with pytest.raises(TooManyWaiting) as refused:
        await intake.accept(await submission(database))
    assert (refused.value.status, refused.value.retry_after) == (429, 30)
    assert (await intake.accept(first[0])).replayed
    other = await intake.accept(await submission(database, "mona"))
    assert not other.replayed
    async with database.across_tenants() as session:
        await session.execute(update(OutboxRow).values(state="sent"))
    assert not (await intake.accept(await submission(database))).replayed


async def test_those_of_a_batch_that_fit_are_accepted(database: Database) -> None:
    submissions = [await submission(database) for _ in range(2)]
    async with database.transaction("default") as session:
        await open_cases(session, submissions, limit=2)
    async with database.transaction("default") as session:
        found = await open_cases(session, [submissions[1], await submission(database)], limit=2)
    assert [isinstance(each, CaseError) for each in found] == [False, True]


async def test_a_case_says_its_place_and_about_how_long(database: Database) -> None:
    cases = sorted(await opened(database, "ann", FLOOD), key=lambda case: case.id)
    (other,) = await opened(database, "mona")
    async with database.transaction("default") as session:
        last, first = await position_of(session, cases[-1]), await position_of(session, cases[0])
        assert last is not None
        assert (last.before, last.about) == (FLOOD, None)
        assert first is None
        assert await position_of(session, other) is None
    async with database.across_tenants() as session:
        sent = select(OutboxRow.id).order_by(OutboxRow.turn_at).limit(10)
        now = text("clock_timestamp()")
        await session.execute(update(OutboxRow).where(OutboxRow.id.in_(sent)).values(state="sent", sent_at=now))
    async with database.transaction("default") as session:
        last = await position_of(session, cases[-1])
    assert last is not None
    assert last.about is not None
    assert 100 < last.about.total_seconds() < 240
