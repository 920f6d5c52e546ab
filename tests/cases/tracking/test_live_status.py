"""At most one query in flight and one response a second, however many people watch."""

import asyncio
from collections import Counter

import pytest

from backend.cases.tracking import live_status
from backend.cases.tracking.live_status import CONFIRMED_SECONDS, FRESH_SECONDS, LiveStatus
from backend.kit.progress import Progress

KNOWN = Progress(milestones=[], sentence="It runs.")


async def test_a_hundred_watchers_ask_once() -> None:
    asked: Counter[str] = Counter()

    async def ask(workflow_id: str) -> Progress | None:
        asked[workflow_id] += 1
        await asyncio.sleep(0.01)
        return KNOWN

    live = LiveStatus(ask)
    answers = await asyncio.gather(*(live.answer(f"case-{number % 4}") for number in range(100)))
    assert [answer and answer.progress for answer in answers] == [KNOWN] * 100
    assert set(asked.values()) == {1}


async def test_a_workflow_that_does_not_answer_is_given_up_and_the_read_model_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_status, "TIMEOUT_SECONDS", 0.02)

    async def never(_: str) -> Progress | None:
        await asyncio.Event().wait()
        return KNOWN

    assert await LiveStatus(never).answer("case") is None


async def test_a_watcher_who_leaves_does_not_end_the_question_for_the_others() -> None:
    go_on = asyncio.Event()

    async def ask(_: str) -> Progress | None:
        await go_on.wait()
        return KNOWN

    live = LiveStatus(ask)
    leaves, stays = (asyncio.create_task(live.answer("case")) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()
    await asyncio.sleep(0)
    go_on.set()
    answer = await stays
    assert answer is not None
    assert answer.progress == KNOWN


async def test_an_answer_that_says_what_the_row_says_is_confirmed_every_ten_seconds() -> None:
    now, asked = [0.0], [0]

    async def ask(_: str) -> Progress | None:
        asked[0] += 1
        return KNOWN

    live = LiveStatus(ask, clock=lambda: now[0])
    for tenth in range(600):
        now[0] = tenth / 10
        await live.answer("case", KNOWN)
        await asyncio.sleep(0)
    assert 6 <= asked[0] <= 7
    before = asked[0]
    now[0] += FRESH_SECONDS
    reported = Progress(milestones=[], sentence="It moved.")
    await live.answer("case", reported)
    assert asked[0] == before + 1, "a row that says something else is asked about at once"
    now[0] += FRESH_SECONDS
    await live.answer("case", reported)
    assert asked[0] == before + 2, "and every second, as long as the workflow does not say the same"


async def test_nobody_waits_for_an_answer_to_be_confirmed_but_for_one_that_is_too_old() -> None:
    now = [0.0]
    answering = asyncio.Event()
    answering.set()

    async def ask(_: str) -> Progress | None:
        await answering.wait()
        return KNOWN

    live = LiveStatus(ask, clock=lambda: now[0])
    first = await live.answer("case", KNOWN)
    answering.clear()
    now[0] += CONFIRMED_SECONDS
    assert await live.answer("case", KNOWN) is first
    now[0] += CONFIRMED_SECONDS + 1
    waits = asyncio.create_task(live.answer("case", KNOWN))
    await asyncio.sleep(0)
    assert not waits.done()
    answering.set()
    confirmed = await waits
    assert confirmed is not None
    assert confirmed is not first


async def test_a_workflow_that_moves_is_asked_every_second() -> None:
    now, asked = [0.0], [0]

    async def ask(_: str) -> Progress | None:
        asked[0] += 1
        return Progress(milestones=[], sentence=f"Step {asked[0]}.")

    live = LiveStatus(ask, clock=lambda: now[0])
    for tenth in range(100):
        now[0] = tenth / 10
        answer = await live.answer("case")
    assert 9 <= asked[0] <= 10
    assert answer is not None
    assert answer.progress.sentence == f"Step {asked[0]}."
