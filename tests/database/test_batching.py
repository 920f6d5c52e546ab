"""Requests at the same time form one batch, and an error of one does not affect the others."""

import asyncio
from collections.abc import Sequence

import pytest

from backend.database.batching import MOST, Batcher
from backend.database.errors import EndUnknown


class Doubling:
    """Doubles numbers and records its batches; refuses odd numbers, fails on 1,000, and blocks until `open` is set."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, int]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, lane: str, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append((lane, len(numbers)))
        if lane == "shut":
            await self.open.wait()
        if 1_000 in numbers:
            raise LookupError
        return [ValueError(number) if number % 2 else number * 2 for number in numbers]


async def test_who_comes_while_a_batch_is_under_way_shares_the_next() -> None:
    work = Doubling()
    together = Batcher(work)
    answers = await asyncio.gather(*(together.ask("a", number * 2) for number in range(MOST + 20)))
    assert answers == [number * 4 for number in range(MOST + 20)]
    assert work.batches == [("a", MOST), ("a", 20)]
    assert await together.ask("a", 6) == 12
    assert work.batches[2:] == [("a", 1)]


async def test_a_refusal_is_for_the_one_who_asked_and_a_breakdown_for_its_batch_alone() -> None:
    together = Batcher(Doubling())
    even, odd = await asyncio.gather(together.ask("a", 2), together.ask("a", 3), return_exceptions=True)
    assert even == 4
    assert isinstance(odd, ValueError)
    broken = await asyncio.gather(together.ask("a", 2), together.ask("a", 1_000), return_exceptions=True)
    assert [type(each) for each in broken] == [LookupError, LookupError]
    assert await together.ask("a", 4) == 8


async def test_what_has_one_key_comes_one_after_the_other_and_holds_nobody_else_up() -> None:
    batches: list[list[int]] = []

    async def note(_: str, numbers: Sequence[int]) -> Sequence[int]:
        batches.append(list(numbers))
        await asyncio.sleep(0)
        return numbers

    together = Batcher(note, partition=lambda number: number % 10)
    asked = [0, 1, 11, 21, 2, 12]
    assert await asyncio.gather(*(together.ask("a", number) for number in asked)) == asked
    assert batches == [[0, 1, 2], [11, 12], [21]]


async def test_a_lane_rests_after_a_batch_and_who_comes_first_does_not_wait_for_that() -> None:
    work = Doubling()
    together = Batcher(work, rest=0.5)
    assert await together.ask("a", 2) == 4
    second = asyncio.create_task(together.ask("a", 4))
    for _ in range(10):  # without a rest it would be answered by now
        await asyncio.sleep(0)
    assert not second.done()
    assert await together.ask("a", 6) == 12
    assert await second == 8
    assert work.batches == [("a", 1), ("a", 2)]


async def test_lanes_do_not_wait_for_each_other() -> None:
    work = Doubling()
    work.open.clear()
    together = Batcher(work)
    held = asyncio.create_task(together.ask("shut", 2))
    assert await together.ask("free", 4) == 8
    assert not held.done()
    work.open.set()
    assert await held == 4


async def test_whoever_leaves_takes_nothing_from_the_others() -> None:
    work = Doubling()
    work.open.clear()
    together = Batcher(work)
    leaves, stays = (asyncio.create_task(together.ask("shut", number)) for number in (2, 4))
    await asyncio.sleep(0)
    leaves.cancel()
    work.open.set()
    assert await stays == 8
    with pytest.raises(asyncio.CancelledError):
        await leaves


async def test_nobody_waits_for_a_batch_that_hangs() -> None:
    batches, end = 0, asyncio.Event()

    async def hang_at_first(_: str, numbers: Sequence[int]) -> Sequence[int]:
        nonlocal batches
        batches += 1
        if batches == 1:
            await end.wait()
        return numbers

    together = Batcher(hang_at_first, patience=0.2)
    hung = asyncio.create_task(together.ask("a", 2))
    await asyncio.sleep(0)
    behind = asyncio.create_task(together.ask("a", 4))
    with pytest.raises(EndUnknown):
        await hung
    assert await behind == 4
    end.set()
