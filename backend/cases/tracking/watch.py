"""Watch a case: its row and what its workflow says. Polls that come together are read together."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes, not_visible, visible_cases
from backend.cases.core.actor import Actor
from backend.cases.core.errors import NotFound
from backend.cases.tracking.case_status import CaseStatus, status_of
from backend.cases.tracking.live_status import Ask, LiveStatus
from backend.database.batching import Batcher
from backend.database.engine import Database
from backend.database.tables import Case


@dataclass(frozen=True)
class StatusRequest:
    """Somebody who wants to see a case."""

    actor: Actor
    reference: str


class StatusReader:
    """Fifty polls at once cost what a few would, in PostgreSQL and in Temporal."""

    def __init__(self, database: Database, processes: Processes, ask: Ask) -> None:
        self._database = database
        self._processes = processes
        self._live = LiveStatus(ask)
        self._reading = Batcher(self._read)

    async def look(self, actor: Actor, reference: str) -> tuple[Case, CaseStatus]:
        """The case and how far it is; NotFound if there is none or it is not theirs to see."""
        case = await self._reading.ask(actor.tenant, StatusRequest(actor, reference))
        said = None if case.closed_at else await self._live.said(case.workflow_id, case.progress_at)
        return case, status_of(case, said)

    async def _read(self, tenant: str, looks: Sequence[StatusRequest]) -> list[Case | NotFound]:
        wanted: dict[Actor, set[str]] = {}
        for look in looks:
            wanted.setdefault(look.actor, set()).add(look.reference)
        async with self._database.transaction(tenant) as session:
            found = {actor: await self._cases(session, actor, some) for actor, some in wanted.items()}
        return [found[look.actor].get(look.reference) or not_visible(look.reference) for look in looks]

    async def _cases(self, session: AsyncSession, actor: Actor, references: set[str]) -> dict[str, Case]:
        statement = select(Case).where(Case.reference.in_(references), visible_cases(actor, self._processes))
        found = await session.scalars(statement)
        return {case.reference: case for case in found if case.process in self._processes}
