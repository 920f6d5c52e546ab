"""The loop of a background worker: work a batch, rest until woken or for a while, and go on after any error."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from backend.database.errors import DatabaseAway
from backend.database.notices import receive_notices

log = logging.getLogger(__name__)

# Claims a batch, works on it and settles it; True if there may be more, so that the next one begins at once.
WorkBatch = Callable[[], Awaitable[bool]]


class WorkerLoop:
    """Works batch after batch. It rests for at most `poll` seconds and is woken by notices on a channel.

    After it was woken it waits `gather` seconds, so that what comes close together is one batch; two batches begin at
    least `spacing` seconds apart, so that a quiet worker begins at once. An error ends no loop: while the database is
    away, or what else `passing` names, it tries again later; anything else is a defect and logged as one.
    """

    def __init__(
        self,
        name: str,
        work: WorkBatch,
        *,
        poll: float,
        gather: float = 0,
        spacing: float = 0,
        passing: tuple[type[Exception], ...] = (),
    ) -> None:
        self._name = name
        self._work = work
        self._poll = poll
        self._gather = gather
        self._spacing = spacing
        self._passing: tuple[type[Exception], ...] = (DatabaseAway, *passing)
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """End the rest, now or the next one."""
        self._woken.set()

    async def run(self, stop: asyncio.Event, url: str = "", channel: str = "") -> None:
        """Work until `stop` is set, then finish the batch under way. Notices come from the database at `url`."""
        async with self._wakers(stop, url, channel):
            while not stop.is_set():
                more = await self._one_batch()
                if not more:
                    await self._rest(stop)

    async def _one_batch(self) -> bool:
        try:
            return await self._work()
        except self._passing as error:
            log.warning("%s has to wait: %s", self._name, type(error).__name__)
        except Exception:  # one failed batch must not end the loop; the next one tries again
            log.exception("%s could not go on", self._name)
        return False

    async def _rest(self, stop: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        spaced = clock() + self._spacing
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._poll):
                if not stop.is_set():
                    await self._woken.wait()
                if not stop.is_set():
                    await asyncio.sleep(max(self._gather, spaced - clock()))
        self._woken.clear()

    @contextlib.asynccontextmanager
    async def _wakers(self, stop: asyncio.Event, url: str, channel: str) -> AsyncIterator[None]:
        """What ends a rest: a notice, and that it is time to stop."""

        async def wake_at_stop() -> None:
            await stop.wait()
            self.wake()

        wakers = [asyncio.create_task(wake_at_stop())]
        if channel:
            wakers.append(asyncio.create_task(receive_notices(url, channel, lambda _: self.wake())))
        try:
            yield
        finally:
            for each in wakers:
                each.cancel()
            await asyncio.gather(*wakers, return_exceptions=True)
