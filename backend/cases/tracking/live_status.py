"""Live status through a coalescer: however many people watch a case, its workflow is asked once a second at most.

Workflows report what changes, so the case's row moves with them. While neither row nor answer moves, the question is
put less and less often.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from backend.kit.progress import Progress

FRESH_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 5.0
GIVE_UP_SECONDS = 1.5
KEPT_CASES = 10_000

# Answers with None when the workflow does not: the page falls back to the read model.
Ask = Callable[[str], Awaitable[Progress | None]]


@dataclass(frozen=True)
class LiveAnswer:
    """What a workflow answered, and when."""

    progress: Progress
    at: datetime


@dataclass
class Watched:
    """The last answer of one workflow, when it came and for how long it is good (monotonic seconds).

    `row` is when the case's row had last moved by then, `under_way` the question that is being asked.
    """

    said: LiveAnswer | None = None
    asked: float = -math.inf
    pause: float = FRESH_SECONDS
    row: datetime | None = None
    under_way: asyncio.Task[None] | None = field(default=None, repr=False)

    def is_good(self, row: datetime | None, now: float) -> bool:
        """Whether the last answer still serves somebody who read this row."""
        age = now - self.asked
        return age < FRESH_SECONDS or (row == self.row and age < self.pause)

    def take(self, progress: Progress | None, row: datetime | None, now: float) -> None:
        """Keep an answer; the same one again, to the same row, is good for longer."""
        same = progress is not None and self.said is not None and progress == self.said.progress and row == self.row
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS) if same else FRESH_SECONDS
        self.said = LiveAnswer(progress, datetime.now(UTC)) if progress is not None else None
        self.row, self.asked = row, now


class LiveStatus:
    """One question in flight and one answer a second for each workflow."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._watched: dict[str, Watched] = {}

    async def said(self, workflow_id: str, row: datetime | None = None) -> LiveAnswer | None:
        """What the workflow says; None if it does not answer within 1.5 s.

        `row` is when the case's row last moved. The answer is at most a second old, or five seconds while both stand
        still.
        """
        watched = self._watched.setdefault(workflow_id, Watched())
        if watched.is_good(row, self._clock()):
            return watched.said
        if watched.under_way is None:
            watched.under_way = asyncio.create_task(self._refresh(workflow_id, watched, row))
            self._forget_old()
        await asyncio.shield(watched.under_way)
        return watched.said

    async def _refresh(self, workflow_id: str, watched: Watched, row: datetime | None) -> None:
        answer = None
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                answer = await self._ask(workflow_id)
        except TimeoutError:
            pass
        finally:
            watched.take(answer, row, self._clock())
            watched.under_way = None

    def _forget_old(self) -> None:
        if len(self._watched) <= KEPT_CASES:
            return
        for key in list(self._watched)[: KEPT_CASES // 10]:
            if self._watched[key].under_way is None:
                del self._watched[key]
