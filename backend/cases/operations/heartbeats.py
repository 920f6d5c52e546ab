"""Heartbeats: each background process reports every few seconds, so that a hung one is noticed."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.worker_loop import WorkerLoop
from backend.database.engine import Database
from backend.database.errors import DatabaseAway
from backend.database.tables import Heartbeat

BEAT_SECONDS = 5.0
SILENT_AFTER = timedelta(seconds=20)
FORGOTTEN_AFTER = timedelta(hours=1)


class Pulse:
    """The heartbeat of this process. `beat` is called again and again while its event loop turns."""

    def __init__(self, database: Database, role: str, queues: Sequence[str] = ()) -> None:
        self._database = database
        self._host, self._pid = socket.gethostname(), os.getpid()
        self._row = {"role": role, "host": self._host, "pid": self._pid, "queues": list(queues)}
        self._id = f"{role} {self._host} {self._pid} {datetime.now(UTC).isoformat()}"
        self._begun = False

    async def beat(self) -> bool:
        """Record a heartbeat."""
        async with self._database.across_tenants() as session:
            if not self._begun:
                await self._remove_dead(session)
            alive = {"seen_at": func.clock_timestamp()}
            statement = insert(Heartbeat).values(id=self._id, **self._row)
            await session.execute(statement.on_conflict_do_update(index_elements=[Heartbeat.id], set_=alive))
        self._begun = True
        return False

    async def end(self) -> None:
        """Remove the heartbeat: this process stops normally and is not missing."""
        async with self._database.across_tenants() as session:
            await session.execute(delete(Heartbeat).where(Heartbeat.id == self._id))

    async def _remove_dead(self, session: AsyncSession) -> None:
        """Remove heartbeats of processes on this machine that no longer exist."""
        await session.execute(delete(Heartbeat).where(Heartbeat.seen_at < func.clock_timestamp() - FORGOTTEN_AFTER))
        here = list(await session.scalars(select(Heartbeat).where(Heartbeat.host == self._host)))
        before = {"role": self._row["role"], "pid": self._pid}  # the same pid, used once more
        dead = [row.id for row in here if not _exists(row.pid) or row.model_dump(include={"role", "pid"}) == before]
        await session.execute(delete(Heartbeat).where(Heartbeat.id.in_(dead)))


@asynccontextmanager
async def beating(pulse: Pulse) -> AsyncIterator[None]:
    """Record heartbeats meanwhile, and remove them at the end."""
    stop = asyncio.Event()
    loop = asyncio.create_task(WorkerLoop("The heartbeat", pulse.beat, poll=BEAT_SECONDS).run(stop))
    try:
        yield
    finally:
        stop.set()
        await loop
        with contextlib.suppress(DatabaseAway):
            await pulse.end()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@dataclass(frozen=True)
class Alive:
    """Living processes as of `at`, by queue and role, and silent ones with their last heartbeat."""

    at: datetime
    queues: dict[str, int]
    roles: dict[str, int]
    last_seen: dict[str, datetime]
    silent: list[Heartbeat]

    def without_worker(self, queues: Iterable[str]) -> list[str]:
        """The queues among these that no living process works on."""
        return [queue for queue in queues if not self.queues.get(queue)]

    def since(self, queue: str) -> datetime | None:
        """When a process last worked on this queue; None if that is not known."""
        return self.last_seen.get(queue)


async def who_is_alive(session: AsyncSession) -> Alive:
    """Read every heartbeat."""
    now: datetime = (await session.scalars(select(func.clock_timestamp()))).one()
    rows = list(await session.scalars(select(Heartbeat).order_by(Heartbeat.seen_at)))
    living = [row for row in rows if now - row.seen_at < SILENT_AFTER]
    queues: dict[str, int] = {}
    roles: dict[str, int] = {}
    for row in living:
        roles[row.role] = roles.get(row.role, 0) + 1
        for queue in row.queues:
            queues[queue] = queues.get(queue, 0) + 1
    last_seen = {queue: row.seen_at for row in rows for queue in row.queues}
    return Alive(now, queues, roles, last_seen, [row for row in rows if row not in living])
