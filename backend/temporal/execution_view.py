"""One execution as its page shows it: the summary, what fails, and the history in the requested view."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription

from backend.temporal import history
from backend.temporal.children import Child, children_of
from backend.temporal.executions import PendingActivity, describe_execution, in_time, pending_activities, pollers
from backend.temporal.failure_reasons import reason_of_end, reasons_of, with_reasons
from backend.temporal.history import EventRow, Group
from backend.temporal.timeline import Timeline, draw

EVENTS_A_PAGE = 200


class View(StrEnum):
    """How to show a history."""

    COMPACT = "compact"
    TIMELINE = "timeline"
    FULL = "full"
    JSON = "json"
    DATA = "data"


@dataclass(frozen=True)
class Look:
    """Which view, from which event on, and whether the newest comes first."""

    view: View = View.COMPACT
    after: int = 0
    newest_first: bool = True


@dataclass(frozen=True)
class ExecutionView:
    """What the page needs.

    `reason` says why it ended unless it completed; `more` is the number of the last event shown if others follow.
    """

    description: WorkflowExecutionDescription
    pending: list[PendingActivity]
    workers: int
    total: int
    size: int
    groups: list[Group]
    children: list[Child]
    reason: str = ""
    timeline: Timeline | None = None
    rows: list[EventRow] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    more: int = 0
    given: str = ""
    result: str = ""

    @property
    def failing(self) -> list[PendingActivity]:
        """The activities whose last attempt failed."""
        return [activity for activity in self.pending if activity.failure]

    @property
    def took(self) -> timedelta:
        """From its start to its end, or to now."""
        return (self.description.close_time or datetime.now(UTC)) - self.description.start_time


async def read_execution(client: Client, workflow_id: str, run_id: str, look: Look) -> ExecutionView:
    """Ask Temporal. NoSuchExecution or TemporalAway otherwise."""
    async with in_time():
        return await _read(client, workflow_id, run_id, look)


async def _read(client: Client, workflow_id: str, run_id: str, look: Look) -> ExecutionView:
    description = await describe_execution(client, workflow_id, run_id)
    events = [event async for event in history.events(client, workflow_id, run_id)]
    groups = history.grouped(events, await history.names_given(client.data_converter, events))
    reasons = await reasons_of(client.data_converter, events)
    with_reasons(groups, reasons)
    if not look.newest_first:
        groups.reverse()
    return ExecutionView(
        description=description,
        pending=await pending_activities(client, description),
        workers=await pollers(client, description.task_queue, "workflow"),
        total=len(events),
        size=description.raw_description.workflow_execution_info.history_size_bytes,
        groups=groups,
        children=children_of(events),
        reason=reason_of_end(events, reasons),
        **await _in_view(client, look, events, groups),
    )


async def _in_view(client: Client, look: Look, events: Sequence[HistoryEvent], groups: list[Group]) -> dict[str, Any]:
    """Only what this view shows is computed."""
    converter = client.data_converter
    if look.view is View.TIMELINE:
        return {"timeline": draw(groups, datetime.now(UTC))}
    if look.view is View.DATA:
        given, result = await history.input_and_result(converter, events)
        return {"given": history.pretty(given), "result": history.pretty(result)}
    if look.view is View.COMPACT:
        return {}
    page = [event for event in events if event.event_id > look.after][:EVENTS_A_PAGE]
    more = page[-1].event_id if page and page[-1].event_id < events[-1].event_id else 0
    if look.view is View.FULL:
        return {"rows": [history.row(event) for event in page], "more": more}
    return {"documents": [history.pretty(await history.as_json(converter, event)) for event in page], "more": more}
