"""The history of an execution for people: every event, or events grouped by activity, timer and signal."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.converter import DataConverter

from backend.kit.i18n import N_
from backend.temporal.codec import CannotDecrypt
from backend.temporal.executions import PATIENCE, in_time, plainly

EXPORT_PATIENCE = timedelta(seconds=20)
LOCAL_ACTIVITY = "core_local_activity"


@dataclass(frozen=True)
class EventRow:
    """One event: its number, time, kind in words, and what it is about."""

    id: int
    at: datetime
    kind: str
    about: str
    event: HistoryEvent = field(repr=False)


class GroupKind(StrEnum):
    """What the events of a group are about."""

    WORKFLOW = "workflow"
    ACTIVITY = "activity"
    LOCAL_ACTIVITY = "local_activity"
    TIMER = "timer"
    SIGNAL = "signal"
    CHILD = "child"


TITLES = {
    GroupKind.TIMER: N_("Timer {name}"),
    GroupKind.SIGNAL: N_("Signal {name}"),
    GroupKind.CHILD: N_("Child workflow {name}"),
}


@dataclass
class Group:
    """Events of one activity, timer or signal, or of the start or the end; `why` it failed."""

    first: int
    last: int
    kind: GroupKind
    name: str
    result: str
    started: datetime
    ended: datetime | None = None
    why: str = ""

    @property
    def title(self) -> str:
        """What an operator calls it, such as "Issue purchase order", "Signal decide" or "Timer"."""
        words = self.name.replace("_", " ")
        if self.kind is GroupKind.WORKFLOW:
            return self.name
        if self.by_code:
            return words.capitalize()
        return TITLES[self.kind].format(name=words) if not words.isdecimal() else N_("Timer")

    @property
    def by_code(self) -> bool:
        """Whether its title is the name of a function, which is the same in every language."""
        return self.kind in {GroupKind.ACTIVITY, GroupKind.LOCAL_ACTIVITY}

    @property
    def is_local(self) -> bool:
        """Whether it ran inside the workflow worker, without a task queue."""
        return self.kind is GroupKind.LOCAL_ACTIVITY

    @property
    def took(self) -> timedelta | None:
        """How long it took; None while it is in progress."""
        return self.ended - self.started if self.ended else None


async def events(client: Client, workflow_id: str, run_id: str, after: int = 0) -> AsyncIterator[HistoryEvent]:
    """The events behind number `after`, in order."""
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    with plainly():
        async for event in handle.fetch_history_events(page_size=1000, rpc_timeout=PATIENCE):
            if event.event_id > after:
                yield event


async def raw_history(client: Client, workflow_id: str, run_id: str) -> str:
    """The whole history as Temporal's own JSON, nothing decrypted."""
    async with in_time(EXPORT_PATIENCE):
        with plainly():
            return (await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()).to_json()


def row(event: HistoryEvent) -> EventRow:
    """One event as a row of the view of all events."""
    return EventRow(event.event_id, moment(event), kind_of(event), about(event), event)


def moment(event: HistoryEvent) -> datetime:
    """When it happened."""
    return event.event_time.ToDatetime(tzinfo=UTC)


def kind_of(event: HistoryEvent) -> str:
    """The kind in words, such as "Activity task scheduled"."""
    name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
    return name.replace("_", " ").capitalize()


def attributes(event: HistoryEvent) -> Any:
    """The part of the event that belongs to its kind."""
    return getattr(event, event.WhichOneof("attributes") or "", None)


def about(event: HistoryEvent) -> str:
    """The name that the event carries: of a workflow, activity, signal or timer."""
    inside = attributes(event)
    for kind in ("activity_type", "workflow_type"):
        named = getattr(inside, kind, None)
        if named is not None and named.name:
            return str(named.name)
    found = (getattr(inside, kind, "") for kind in ("signal_name", "timer_id", "marker_name"))
    return next((str(each) for each in found if each), "")


def grouped(all_events: Iterable[HistoryEvent], names: dict[int, str]) -> list[Group]:
    """The compact view, newest first. `names` holds by event number what only payloads contain."""
    groups: dict[int, Group] = {}
    for event in all_events:
        handler = _GROUPERS.get(event.event_type)
        if handler is not None:
            handler(groups, event, names)
    return sorted(groups.values(), key=lambda group: group.first, reverse=True)


def _begin(groups: dict[int, Group], event: HistoryEvent, kind: GroupKind, name: str, result: str) -> None:
    groups[event.event_id] = Group(event.event_id, event.event_id, kind, name, result, moment(event))


def _started(groups: dict[int, Group], event: HistoryEvent, _: dict[int, str]) -> None:
    _begin(groups, event, GroupKind.WORKFLOW, N_("Workflow started"), N_("Started"))
    groups[event.event_id].ended = moment(event)


def _closed(result: str) -> "Grouper":
    def group(groups: dict[int, Group], event: HistoryEvent, _: dict[int, str]) -> None:
        _begin(groups, event, GroupKind.WORKFLOW, N_("Workflow closed"), result)
        groups[event.event_id].ended = moment(event)

    return group


def _scheduled(groups: dict[int, Group], event: HistoryEvent, _: dict[int, str]) -> None:
    _begin(groups, event, GroupKind.ACTIVITY, about(event), N_("Scheduled"))


def _then(begun_by: str, result: str) -> "Grouper":
    """The result of what began with the event whose number is in this attribute."""

    def group(groups: dict[int, Group], event: HistoryEvent, _: dict[int, str]) -> None:
        found = groups.get(getattr(attributes(event), begun_by))
        if found is None:
            return
        found.last, found.result = event.event_id, result
        if result != "Running":
            found.ended = moment(event)

    return group


def _timer(groups: dict[int, Group], event: HistoryEvent, names: dict[int, str]) -> None:
    _begin(groups, event, GroupKind.TIMER, names.get(event.event_id, about(event)), N_("Waiting"))


def _signal(groups: dict[int, Group], event: HistoryEvent, _: dict[int, str]) -> None:
    _begin(groups, event, GroupKind.SIGNAL, about(event), N_("Accepted"))
    groups[event.event_id].ended = moment(event)


def _child(groups: dict[int, Group], event: HistoryEvent, _: dict[int, str]) -> None:
    _begin(groups, event, GroupKind.CHILD, about(event).removesuffix("Workflow"), N_("Scheduled"))


def _marker(groups: dict[int, Group], event: HistoryEvent, names: dict[int, str]) -> None:
    if attributes(event).marker_name != LOCAL_ACTIVITY:
        return
    result = N_("Failed") if attributes(event).HasField("failure") else N_("Completed")
    _begin(groups, event, GroupKind.LOCAL_ACTIVITY, names.get(event.event_id, ""), result)
    groups[event.event_id].ended = moment(event)


Grouper = Callable[[dict[int, Group], HistoryEvent, dict[int, str]], None]
_E = EventType
_GROUPERS: dict[int, Grouper] = {
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: _started,
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: _closed(N_("Completed")),
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: _closed(N_("Failed")),
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: _closed(N_("Cancelled")),
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: _closed(N_("Terminated")),
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: _closed(N_("Timed out")),
    _E.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: _scheduled,
    _E.EVENT_TYPE_ACTIVITY_TASK_STARTED: _then("scheduled_event_id", N_("Running")),
    _E.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: _then("scheduled_event_id", N_("Completed")),
    _E.EVENT_TYPE_ACTIVITY_TASK_FAILED: _then("scheduled_event_id", N_("Failed")),
    _E.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: _then("scheduled_event_id", N_("Timed out")),
    _E.EVENT_TYPE_ACTIVITY_TASK_CANCELED: _then("scheduled_event_id", N_("Cancelled")),
    _E.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: _child,
    _E.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED: _then("initiated_event_id", N_("Failed")),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED: _then("initiated_event_id", N_("Running")),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: _then("initiated_event_id", N_("Completed")),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED: _then("initiated_event_id", N_("Failed")),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED: _then("initiated_event_id", N_("Cancelled")),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED: _then("initiated_event_id", N_("Terminated")),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT: _then("initiated_event_id", N_("Timed out")),
    _E.EVENT_TYPE_TIMER_STARTED: _timer,
    _E.EVENT_TYPE_TIMER_FIRED: _then("started_event_id", N_("Fired")),
    _E.EVENT_TYPE_TIMER_CANCELED: _then("started_event_id", N_("Not needed")),
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: _signal,
    _E.EVENT_TYPE_MARKER_RECORDED: _marker,
}


async def names_given(converter: DataConverter, all_events: Sequence[HistoryEvent]) -> dict[int, str]:
    """What only payloads contain, by event number: names of local activities, and what timers are for."""
    found = {}
    for event in all_events:
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
            value = await decoded(converter, attributes(event).details.get("data"))
            if value and isinstance(value[0], dict):
                found[event.event_id] = str(value[0].get("activity_type", ""))
        elif event.event_type == EventType.EVENT_TYPE_TIMER_STARTED and event.user_metadata.HasField("summary"):
            words = await decoded(converter, Payloads(payloads=[event.user_metadata.summary]))
            found[event.event_id] = str(words[0])
    return found


async def decoded(converter: DataConverter, payloads: Payloads | None) -> list[Any]:
    """The values of payloads, decrypted; a placeholder for those that cannot be."""
    if payloads is None or not payloads.payloads:
        return []
    try:
        return await converter.decode(list(payloads.payloads))
    except CannotDecrypt as error:
        return [f"cannot be decrypted: {error}"]
    except (RuntimeError, ValueError) as error:
        return [f"cannot be read: {type(error).__name__}"]


async def input_and_result(converter: DataConverter, all_events: Sequence[HistoryEvent]) -> tuple[list[Any], list[Any]]:
    """The input and the result of the workflow."""
    given: list[Any] = []
    answer: list[Any] = []
    for event in all_events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            given = await decoded(converter, attributes(event).input)
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            answer = await decoded(converter, attributes(event).result)
    return given, answer


async def as_json(converter: DataConverter, event: HistoryEvent) -> dict[str, Any]:
    """The whole event with its payloads decrypted."""
    shown = MessageToDict(event)
    inside = attributes(event)
    part = shown.get(next((key for key in shown if key.endswith("Attributes")), ""), {})
    for name in ("input", "result"):
        if name in part:
            part[name] = await decoded(converter, getattr(inside, name))
    for name in part.get("details", {}) if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED else ():
        part["details"][name] = await decoded(converter, inside.details[name])
    return shown


def pretty(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
