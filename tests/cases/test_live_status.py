"""One question in flight and one answer a second, however many people watch."""

import asyncio
from collections import Counter

import pytest

from backend.cases import live_status
from backend.cases.live_status import LiveStatus
from backend.kit.progress import Progress

KNOWN = Progress(milestones=[], sentence="It runs.")


async def test_a_hundred_watchers_ask_once() -> None:
    asked: Counter[str] = Counter()

    async def ask(workflow_id: str) -> Progress | None:
        asked[workflow_id] += 1
        await asyncio.sleep(0.01)
        return KNOWN

    live = LiveStatus(ask)
    watchers = (live.progress(f"case-{number % 4}") for number in range(100))
    assert await asyncio.gather(*watchers) == [KNOWN] * 100
    assert set(asked.values()) == {1}


async def test_a_workflow_that_does_not_answer_is_given_up_and_the_read_model_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_status, "GIVE_UP_SECONDS", 0.02)

    async def never(_: str) -> Progress | None:
        await asyncio.Event().wait()
        return KNOWN

    assert await LiveStatus(never).progress("case") is None


async def test_a_watcher_who_leaves_does_not_end_the_question_for_the_others() -> None:
    go_on = asyncio.Event()

    async def ask(_: str) -> Progress | None:
        await go_on.wait()
        return KNOWN

    live = LiveStatus(ask)
    leaves, stays = (asyncio.create_task(live.progress("case")) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()
    await asyncio.sleep(0)
    go_on.set()
    assert await stays == KNOWN
