"""The health of Countersign from its own database: problems, queue lengths, waiting times and failures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from backend.cases.core.access import Processes
from backend.cases.operations.failing_steps import step_title
from backend.cases.operations.heartbeats import Alive, who_is_alive
from backend.database.engine import Database

# Messages of the last quarter of an hour: how many were delivered, and how long the middle and the slowest ones waited.
_OUTBOX = text("""
    SELECT count(*) AS delivered,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS median,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY waited) AS slow
    FROM (SELECT extract(epoch FROM sent_at - greatest(created_at, least(due_at, sent_at))) AS waited FROM outbox
          WHERE state = 'sent' AND sent_at > clock_timestamp() - interval '15 minutes') lately
""")
_EMAILS = text("""
    SELECT count(*) FILTER (WHERE state IN ('queued', 'retried')) AS waiting,
           count(*) FILTER (WHERE state = 'retried') AS retried,
           count(*) FILTER (WHERE state = 'failed') AS failed,
           coalesce(sum(unconfirmed), 0) AS unconfirmed
    FROM deliveries WHERE state IN ('queued', 'retried', 'failed') OR created_at > clock_timestamp() - interval '1 day'
""")
_STEPS = text("""
    SELECT c.process, f.step, count(*) AS cases, min(f.since) AS since
    FROM failing_steps f JOIN cases c ON c.id = f.case_id WHERE c.closed_at IS NULL
    GROUP BY c.process, f.step ORDER BY min(f.since)
""")
_ENDED = text("""
    SELECT count(*) FILTER (WHERE status = 'failed') AS failed,
           count(*) FILTER (WHERE status IN ('terminated', 'timed_out')) AS stopped, count(*) AS ended
    FROM cases WHERE closed_at > clock_timestamp() - interval '1 day'
""")


@dataclass(frozen=True)
class FailingSteps:
    """A step that fails in some cases of a process; an empty step is the program of the process itself."""

    process: str
    step: str
    cases: int
    since: datetime

    @property
    def title(self) -> str:
        """“Issue purchase order”; empty for the program itself."""
        return step_title(self.step)


@dataclass(frozen=True)
class Work:
    """The health as of `alive.at`. `median` and `slow`: how long recently `delivered` messages had waited."""

    alive: Alive
    steps: Sequence[FailingSteps]
    delivered: int
    median: timedelta
    slow: timedelta
    emails: Mapping[str, int]
    ended: Mapping[str, int]

    def missing(self, processes: Processes) -> list[str]:
        """The task queues that no living worker polls."""
        queues = dict.fromkeys(queue for process in processes.values() for queue in process.queues)
        return sorted(self.alive.without_worker(queues))

    @property
    def relay_is_missing(self) -> bool:
        """Whether no process delivers messages and emails."""
        return not self.alive.roles.get("relay")


async def work_of(database: Database) -> Work:
    """Read all of it, across tenants."""
    async with database.across_tenants() as session:
        outbox = (await session.execute(_OUTBOX)).one()
        emails = (await session.execute(_EMAILS)).mappings().one()
        ended = (await session.execute(_ENDED)).mappings().one()
        steps = [FailingSteps(*row) for row in await session.execute(_STEPS)]
        alive = await who_is_alive(session)
    return Work(
        alive=alive,
        steps=steps,
        delivered=outbox.delivered,
        median=timedelta(seconds=float(outbox.median or 0)),
        slow=timedelta(seconds=float(outbox.slow or 0)),
        emails={name: int(value or 0) for name, value in emails.items()},
        ended={name: int(value or 0) for name, value in ended.items()},
    )
