"""What keeps a case from going on: a step that fails, no worker, or a long queue before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.access import Processes
from backend.cases.operations.failing_steps import failing_steps_of, step_title
from backend.cases.operations.heartbeats import Alive, who_is_alive
from backend.cases.outbox.fair_queue import QueuePosition, position_of
from backend.database.tables import Case, FailingStep


@dataclass(frozen=True)
class FailingLine:
    """A step that fails, as people read it; without a title it is the program of the process itself.

    `attention` is what its owners were notified of.
    """

    title: str
    attempts: int
    since: datetime
    reason: str
    next_at: datetime | None
    attention: str


@dataclass(frozen=True)
class Trouble:
    """All of it; `no_worker_since` is when a worker was last there, if that is known."""

    steps: tuple[FailingLine, ...] = ()
    no_worker: bool = False
    no_worker_since: datetime | None = None
    position: QueuePosition | None = None

    @property
    def tag(self) -> str:
        """Changes with its content."""
        return repr(self) if self != NO_TROUBLE else ""


NO_TROUBLE = Trouble()


async def troubles_of(session: AsyncSession, cases: Sequence[Case], processes: Processes) -> dict[UUID, Trouble]:
    """The trouble of each running case among these."""
    running = [case for case in cases if case.closed_at is None and case.process in processes]
    if not running:
        return {}
    alive = await who_is_alive(session)
    failing = await failing_steps_of(session, [case.id for case in running])
    return {
        case.id: _trouble(
            processes[case.process].queues, alive, failing.get(case.id, []), await position_of(session, case)
        )
        for case in running
    }


def _trouble(queues: list[str], alive: Alive, failing: list[FailingStep], position: QueuePosition | None) -> Trouble:
    missing = alive.without_worker(queues)
    known = [since for queue in missing if (since := alive.since(queue))]
    return Trouble(
        steps=tuple(map(_line, failing)),
        no_worker=bool(missing),
        no_worker_since=max(known, default=None),
        position=position,
    )


def _line(row: FailingStep) -> FailingLine:
    return FailingLine(step_title(row.step), row.attempts, row.since, row.reason, row.next_at, row.attention)
