"""Status reads at the same time form one batch, and each reader gets only what they can see."""

import asyncio

import pytest

from backend.cases.core.errors import NotFound
from backend.cases.tracking.status_reader import StatusReader
from backend.database.engine import Database
from backend.kit.progress import Progress
from backend.processes import by_key
from tests.support.approvals import asked_about
from tests.support.cast import person
from tests.support.transactions import transactions_of


async def silent(_: str) -> Progress | None:
    return None


async def test_fifty_reads_are_a_few_transactions(database: Database) -> None:
    cases = [(await asked_about(database))[0] for _ in range(5)]
    ann, finn = await person(database, "ann"), await person(database, "finn")
    reader = StatusReader(database, by_key(), silent)
    reads = [reader.read((ann, finn)[n % 2], cases[n % 5].reference) for n in range(50)]
    with transactions_of(database) as begun:
        seen = await asyncio.gather(*reads, return_exceptions=True)
    assert len(begun) <= 2
    for number, found in enumerate(seen):
        assert not isinstance(found, BaseException), found
        assert found[0].reference == cases[number % 5].reference
        assert found[1].stale


async def test_a_case_that_a_person_may_not_see_is_not_found(database: Database) -> None:
    case, _ = await asked_about(database)
    ann, eve = await person(database, "ann"), await person(database, "eve")
    reader = StatusReader(database, by_key(), silent)
    hers, none, missing = await asyncio.gather(
        reader.read(ann, case.reference),
        reader.read(eve, case.reference),
        reader.read(ann, "PUR-999999"),
        return_exceptions=True,
    )
    assert not isinstance(hers, BaseException)
    assert hers[0].id == case.id
    assert isinstance(none, NotFound)
    assert isinstance(missing, NotFound)


async def test_a_reader_who_leaves_does_not_disturb_the_others(database: Database) -> None:
    case, _ = await asked_about(database)
    ann = await person(database, "ann")
    reader = StatusReader(database, by_key(), silent)
    leaves, stays = (asyncio.create_task(reader.read(ann, case.reference)) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()
    assert (await stays)[0].id == case.id
    with pytest.raises(asyncio.CancelledError):
        await leaves
    assert (await reader.read(ann, case.reference))[0].id == case.id
