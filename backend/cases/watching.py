"""Watch a case: its row and what its workflow says. Polls that come together are read together."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.access import Processes, unseen, visible_cases
from backend.cases.actor import Actor
from backend.cases.live_status import Ask, LiveStatus
from backend.cases.status import CaseStatus, status_of
from backend.database.engine import Database
from backend.database.tables import Case


@dataclass(frozen=True)
class Look:
    """Somebody who wants to see a case, and where it is put when it was read."""

    actor: Actor
    reference: str
    found: asyncio.Future[Case]

    def fail(self, error: Exception) -> None:
        """Tell them why, unless they have left."""
        if not self.found.done():
            self.found.set_exception(error)


class Watching:
    """While one transaction reads, whoever else asks waits for the next one: fifty polls cost what a few would."""

    def __init__(self, database: Database, processes: Processes, ask: Ask) -> None:
        self._database = database
        self._processes = processes
        self._live = LiveStatus(ask)
        self._waiting: list[Look] = []
        self._reading: asyncio.Task[None] | None = None

    async def look(self, actor: Actor, reference: str) -> tuple[Case, CaseStatus]:
        """The case and how far it is; NotFound if there is none or it is not theirs to see."""
        look = Look(actor, reference, asyncio.get_running_loop().create_future())
        self._waiting.append(look)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_all())
        case = await look.found
        said = None if case.closed_at else await self._live.said(case.workflow_id, case.progress_at)
        return case, status_of(case, said)

    async def _read_all(self) -> None:
        try:
            while self._waiting:
                looks, self._waiting = self._waiting, []
                by_actor: defaultdict[Actor, list[Look]] = defaultdict(list)
                for look in looks:
                    by_actor[look.actor].append(look)
                for tenant in {actor.tenant for actor in by_actor}:
                    await self._read(tenant, {who: some for who, some in by_actor.items() if who.tenant == tenant})
        finally:
            self._reading = None

    async def _read(self, tenant: str, looks: dict[Actor, list[Look]]) -> None:
        everybody = [look for some in looks.values() for look in some]
        try:
            async with self._database.transaction(tenant) as session:
                found = {actor: await self._cases(session, actor, some) for actor, some in looks.items()}
        except Exception as error:  # noqa: BLE001 - whoever waits is told, and the next ones are read all the same
            for look in everybody:
                look.fail(error)
            return
        for look in everybody:
            case = found[look.actor].get(look.reference)
            if case is None or case.process not in self._processes:
                look.fail(unseen(look.reference))
            elif not look.found.done():
                look.found.set_result(case)

    async def _cases(self, session: AsyncSession, actor: Actor, looks: list[Look]) -> dict[str, Case]:
        wanted = Case.reference.in_({look.reference for look in looks})
        statement = select(Case).where(wanted, visible_cases(actor, self._processes))
        return {case.reference: case for case in await session.scalars(statement)}
