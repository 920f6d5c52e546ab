"""The status of a case: its row and what its workflow answers. Reads at the same time are one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes, not_visible, visible_cases
from backend.cases.core.actor import Actor
from backend.cases.core.errors import NotFound
from backend.cases.tracking.case_status import CaseStatus, status_of
from backend.cases.tracking.live_status import LiveStatus, Query
from backend.database.batching import Batcher
from backend.database.engine import Database
from backend.database.tables import Case


@dataclass(frozen=True)
class StatusRequest:
    """A person who reads the status of a case."""

    actor: Actor
    reference: str


class StatusReader:
    """Reads rows in batches; the workflow of a case gets one query at a time, however many people watch it.

    Measured with 50 readers at once: with a transaction for each, a process reads 4 % as often from one case, and 9 %
    as often from 200 cases.
    """

    def __init__(self, database: Database, processes: Processes, query: Query) -> None:
        self._database = database
        self._processes = processes
        self._live = LiveStatus(query)
        self._rows = Batcher(self._read_rows)

    async def read(self, actor: Actor, reference: str) -> tuple[Case, CaseStatus]:
        """The case and its progress; NotFound if there is none or this person may not see it."""
        case = await self._rows.ask(actor.tenant, StatusRequest(actor, reference))
        answer = None if case.closed_at else await self._live.answer(case.workflow_id, case.progress_at)
        return case, status_of(case, answer)

    async def _read_rows(self, tenant: str, requests: Sequence[StatusRequest]) -> list[Case | NotFound]:
        wanted: dict[Actor, set[str]] = {}
        for request in requests:
            wanted.setdefault(request.actor, set()).add(request.reference)
        async with self._database.transaction(tenant) as session:
            found = {actor: await self._cases(session, actor, some) for actor, some in wanted.items()}
        return [found[each.actor].get(each.reference) or not_visible(each.reference) for each in requests]

    async def _cases(self, session: AsyncSession, actor: Actor, references: set[str]) -> dict[str, Case]:
        statement = select(Case).where(Case.reference.in_(references), visible_cases(actor, self._processes))
        found = await session.scalars(statement)
        return {case.reference: case for case in found if case.process in self._processes}
