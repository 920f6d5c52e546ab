"""Live status: however many people watch a case, its workflow gets one query a second at most.

Workflows report what changes, so the case's row changes with them. An answer that says what the row says is therefore
confirmed less often, and nobody waits for that.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from backend.kit.progress import Progress

FRESH_SECONDS = 1.0
CONFIRMED_SECONDS = 10.0
TIMEOUT_SECONDS = 1.5
MAX_CASES = 10_000

# Returns None when the workflow does not answer: the page falls back to the read model.
Query = Callable[[str], Awaitable[Progress | None]]


@dataclass(frozen=True)
class LiveAnswer:
    """What a workflow answered, and when."""

    progress: Progress
    at: datetime


@dataclass
class LastAnswer:
    """The last answer of one workflow, when it came (monotonic seconds), and the query under way."""

    answer: LiveAnswer | None = None
    at: float = -math.inf
    pending: asyncio.Task[None] | None = field(default=None, repr=False)

    def says(self, reported: Progress | None) -> bool:
        """Whether the workflow answered what its case's row says."""
        return self.answer is not None and self.answer.progress == reported

    def update(self, progress: Progress | None, now: float) -> None:
        """Keep an answer; None if there was none."""
        self.answer = LiveAnswer(progress, datetime.now(UTC)) if progress is not None else None
        self.at = now


class LiveStatus:
    """One query under way and one answer a second for each workflow."""

    def __init__(self, query: Query, clock: Callable[[], float] = time.monotonic) -> None:
        self._query = query
        self._clock = clock
        self._last: dict[str, LastAnswer] = {}

    async def answer(self, workflow_id: str, reported: Progress | None = None) -> LiveAnswer | None:
        """The workflow's answer; None if it does not answer within 1.5 s.

        `reported` is what the case's row says. The answer is at most a second old, or 20 seconds if it says the same.
        """
        last = self._last.setdefault(workflow_id, LastAnswer())
        age = self._clock() - last.at
        confirmed = last.says(reported)
        if age < (CONFIRMED_SECONDS if confirmed else FRESH_SECONDS):
            return last.answer
        if last.pending is None:
            last.pending = asyncio.create_task(self._refresh(workflow_id, last))
            self._remove_old()
        if not confirmed or age > 2 * CONFIRMED_SECONDS:
            await asyncio.shield(last.pending)
        return last.answer

    async def _refresh(self, workflow_id: str, last: LastAnswer) -> None:
        progress = None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                progress = await self._query(workflow_id)
        except TimeoutError:
            pass
        finally:
            last.update(progress, self._clock())
            last.pending = None

    def _remove_old(self) -> None:
        if len(self._last) <= MAX_CASES:
            return
        for key in list(self._last)[: MAX_CASES // 10]:
            if self._last[key].pending is None:
                del self._last[key]
