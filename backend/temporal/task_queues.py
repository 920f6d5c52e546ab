"""The task queues as Temporal knows them: who polls, how much waits there, and for how long."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from backend.kit.naming import activity_queue, workflow_queue
from backend.kit.process import Process
from backend.temporal.executions import PATIENCE, TemporalAway, in_time, plainly

KINDS = {
    "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}


@dataclass(frozen=True)
class QueueState:
    """One task queue: its pollers, how many tasks wait, and the age of the oldest."""

    name: str
    pollers: int
    backlog: int
    age: timedelta


@dataclass(frozen=True)
class QueueStates:
    """All of them, as of a moment."""

    at: datetime
    queues: Sequence[QueueState]


def queues_of(processes: Iterable[Process]) -> dict[str, str]:
    """The task queues of these processes, each with its kind."""
    found: dict[str, str] = {}
    for process in processes:
        found[workflow_queue(process.domain)] = "workflow"
        if process.activities:
            found[activity_queue(process.domain)] = "activity"
    return dict(sorted(found.items()))


class QueueReader:
    """Asks Temporal for all queues at once, and keeps the last answer for when there is none."""

    def __init__(self, client: Client, queues: Mapping[str, str]) -> None:
        self._client = client
        self._queues = queues
        self._last: QueueStates | None = None

    async def read(self) -> tuple[QueueStates | None, bool]:
        """The last known state, and whether Temporal answered just now; it is given less than two seconds."""
        try:
            async with in_time():
                found = await asyncio.gather(*(self._describe(name, kind) for name, kind in self._queues.items()))
        except TemporalAway:
            return self._last, False
        self._last = QueueStates(datetime.now(UTC), found)
        return self._last, True

    async def _describe(self, name: str, kind: str) -> QueueState:
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=name),
            task_queue_type=KINDS[kind],
            report_stats=True,
        )
        with plainly():
            answer = await self._client.workflow_service.describe_task_queue(request, timeout=PATIENCE)
        return QueueState(
            name,
            len({poller.identity for poller in answer.pollers}),
            answer.stats.approximate_backlog_count,
            answer.stats.approximate_backlog_age.ToTimedelta(),
        )
