"""At most one query in flight and one response a second, however many people watch."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from backend.cases.tracking import live_status
from backend.cases.tracking.live_status import FRESH_SECONDS, LONGEST_PAUSE_SECONDS, OLDEST_SECONDS, LiveStatus
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


async def test_a_case_that_stands_still_is_asked_less_often_and_at_once_when_its_row_moves() -> None:
    now, asked = [0.0], [0]

    async def ask(_: str) -> Progress | None:
        asked[0] += 1
        return KNOWN

    live = LiveStatus(ask, clock=lambda: now[0])
    row = datetime(2026, 11, 25, 12, tzinfo=UTC)
    for tenth in range(600):
        now[0] = tenth / 10
        await live.answer("case", row)
        await asyncio.sleep(0)
    assert 12 <= asked[0] <= 15, "once a second at first, then every five"
    before = asked[0]
    now[0] += FRESH_SECONDS
    await live.answer("case", row + timedelta(seconds=1))
    assert asked[0] == before + 1
    now[0] += FRESH_SECONDS
    await live.answer("case", row + timedelta(seconds=1))
    assert asked[0] == before + 2, "what has just moved is asked every second again"


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


async def test_nobody_waits_for_a_workflow_that_stands_still_unless_its_answer_is_old() -> None:
    now, asked, go_on = [0.0], [0], asyncio.Event()
    go_on.set()

    async def ask(_: str) -> Progress | None:
        asked[0] += 1
        await go_on.wait()
        return KNOWN

    live = LiveStatus(ask, clock=lambda: now[0])
    for second in range(8):
        now[0] = float(second)
        await live.answer("case")
        await asyncio.sleep(0)
    go_on.clear()
    before, now[0] = asked[0], now[0] + LONGEST_PAUSE_SECONDS
    answer = await live.answer("case")
    assert answer is not None
    assert answer.progress == KNOWN
    await asyncio.sleep(0)
    assert asked[0] == before + 1, "the next answer is on its way"
    now[0] += OLDEST_SECONDS
    waits = asyncio.create_task(live.answer("case"))
    await asyncio.sleep(0)
    assert not waits.done()
    go_on.set()
    assert await waits is not None
