"""Polls of cases that come together: one reading for all, and each sees what is theirs to see."""

import asyncio

import pytest

from backend.cases.core.errors import NotFound
from backend.cases.tracking.watch import StatusReader
from backend.database.engine import Database
from backend.kit.progress import Progress
from backend.processes import by_key
from tests.support.approvals import asked_about
from tests.support.cast import person
from tests.support.transactions import transactions_of


async def silent(_: str) -> Progress | None:
    return None


async def test_fifty_polls_are_read_in_a_few_transactions(database: Database) -> None:
    cases = [(await asked_about(database))[0] for _ in range(5)]
    ann, finn = await person(database, "ann"), await person(database, "finn")
    watching = StatusReader(database, by_key(), silent)
    looks = [watching.look((ann, finn)[n % 2], cases[n % 5].reference) for n in range(50)]
    with transactions_of(database) as begun:
        seen = await asyncio.gather(*looks, return_exceptions=True)
    assert len(begun) <= 2
    for number, found in enumerate(seen):
        assert not isinstance(found, BaseException), found
        assert found[0].reference == cases[number % 5].reference
        assert found[1].stale


async def test_who_may_not_see_a_case_is_told_so_beside_those_who_may(database: Database) -> None:
    case, _ = await asked_about(database)
    ann, eve = await person(database, "ann"), await person(database, "eve")
    watching = StatusReader(database, by_key(), silent)
    hers, none, missing = await asyncio.gather(
        watching.look(ann, case.reference),
        watching.look(eve, case.reference),
        watching.look(ann, "PUR-999999"),
        return_exceptions=True,
    )
    assert not isinstance(hers, BaseException)
    assert hers[0].id == case.id
    assert isinstance(none, NotFound)
    assert isinstance(missing, NotFound)


async def test_whoever_leaves_takes_nothing_from_the_others(database: Database) -> None:
    case, _ = await asked_about(database)
    ann = await person(database, "ann")
    watching = StatusReader(database, by_key(), silent)
    leaves, stays = (asyncio.create_task(watching.look(ann, case.reference)) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()
    assert (await stays)[0].id == case.id
    with pytest.raises(asyncio.CancelledError):
        await leaves
    assert (await watching.look(ann, case.reference))[0].id == case.id
