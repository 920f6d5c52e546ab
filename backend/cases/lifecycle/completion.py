"""Waiting for the end of a case: woken by the commit that ends it, with a look of its own now and then."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from backend.database.engine import Database
from backend.database.notices import receive_notices
from backend.database.tables import Case

CHANNEL = "countersign_ended"
LOOK_SECONDS = 2.0


class Completion:
    """One listening connection for all who wait in this process, opened when the first one does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bells: dict[str, set[asyncio.Event]] = {}
        self._listener: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return sum(map(len, self._bells.values()))

    async def wait(self, case: Case, seconds: float) -> Case:
        """The case as it is when it ends, or after so many seconds. No connection of the pool is held meanwhile."""
        self._listener = self._listener or asyncio.create_task(
            receive_notices(self._database.url, CHANNEL, self._heard)
        )
        deadline = asyncio.get_running_loop().time() + seconds
        with self._bell(case.id) as bell:
            while case.closed_at is None:
                case = await self._look(case)
                left = deadline - asyncio.get_running_loop().time()
                if case.closed_at is not None or left <= 0:
                    break
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(bell.wait(), min(left, LOOK_SECONDS))
                bell.clear()
        return case

    async def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)

    async def _look(self, case: Case) -> Case:
        async with self._database.transaction(case.tenant_id) as session:
            return await session.get_one(Case, case.id)

    def _heard(self, case_id: str) -> None:
        for bell in self._bells.get(case_id, ()):
            bell.set()

    @contextmanager
    def _bell(self, case_id: UUID) -> Iterator[asyncio.Event]:
        bell, key = asyncio.Event(), str(case_id)
        self._bells.setdefault(key, set()).add(bell)
        try:
            yield bell
        finally:
            self._bells[key].discard(bell)
            if not self._bells[key]:
                del self._bells[key]
