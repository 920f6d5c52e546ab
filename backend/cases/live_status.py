"""Live status through a coalescer: however many people watch a case, its workflow is asked once a second."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from backend.kit.progress import Progress

FRESH_SECONDS = 1.0
GIVE_UP_SECONDS = 1.5
KEPT_CASES = 10_000

# Answers with None when the workflow does not: the page falls back to the read model.
Ask = Callable[[str], Awaitable[Progress | None]]


@dataclass
class Watched:
    """The last answer of one workflow, when it came (monotonic seconds), and the question under way."""

    progress: Progress | None = None
    asked: float = 0.0
    under_way: asyncio.Task[None] | None = field(default=None, repr=False)


class LiveStatus:
    """One question in flight and one answer a second for each workflow."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._watched: dict[str, Watched] = {}
        self.questions = 0

    async def progress(self, workflow_id: str) -> Progress | None:
        """What the workflow says, at most a second old; None if it does not answer within 1.5 s."""
        watched = self._watched.setdefault(workflow_id, Watched())
        if time.monotonic() - watched.asked < FRESH_SECONDS:
            return watched.progress
        if watched.under_way is None:
            watched.under_way = asyncio.create_task(self._refresh(workflow_id, watched))
            self._forget_old()
        await asyncio.shield(watched.under_way)
        return watched.progress

    async def _refresh(self, workflow_id: str, watched: Watched) -> None:
        self.questions += 1
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                watched.progress = await self._ask(workflow_id)
        except TimeoutError:
            watched.progress = None
        finally:
            watched.asked = time.monotonic()
            watched.under_way = None

    def _forget_old(self) -> None:
        if len(self._watched) <= KEPT_CASES:
            return
        for key in list(self._watched)[: KEPT_CASES // 10]:
            if self._watched[key].under_way is None:
                del self._watched[key]
