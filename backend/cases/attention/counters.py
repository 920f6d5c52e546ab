"""The counters of the menu for open pages: read once in a few seconds for each person, however many pages are open."""

import time
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.attention.attention import Attention, attention_of
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.notifications.notification_list import unread_count
from backend.cases.tracking.case_list import running_count
from backend.database.engine import Database

FRESH_SECONDS = 4.0
MAX_PEOPLE = 10_000


@dataclass(frozen=True)
class Counters:
    """What waits for a person, how many of their cases run, and how many notifications are unread."""

    attention: int = 0
    cases: int = 0
    unread: int = 0


async def counters_of(
    session: AsyncSession, actor: Actor, processes: Processes, attention: Attention | None = None
) -> Counters:
    """Count them; `attention` if it was read before."""
    found = attention or await attention_of(session, actor, processes)
    return Counters(found.count, await running_count(session, actor), await unread_count(session, actor))


class Badges:
    """The counters of each person as they were at most four seconds ago."""

    def __init__(self, database: Database, processes: Processes) -> None:
        self._database = database
        self._processes = processes
        self._known: dict[tuple[str, str], tuple[float, Counters]] = {}

    async def of(self, actor: Actor) -> Counters:
        """The counters of this person."""
        key, now = (actor.tenant, actor.person_id), time.monotonic()
        at, counters = self._known.get(key, (0.0, Counters()))
        if key in self._known and now - at < FRESH_SECONDS:
            return counters
        if len(self._known) >= MAX_PEOPLE:
            self._known.clear()
        async with self._database.transaction(actor.tenant) as session:
            counters = await counters_of(session, actor, self._processes)
        self._known[key] = (now, counters)
        return counters
