"""The children of an execution, as its own history records them."""

from collections.abc import Iterable
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from backend.kit.i18n import N_
from backend.temporal.history import attributes

_E = EventType
ENDED = {
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: N_("Completed"),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED: N_("Failed"),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED: N_("Cancelled"),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED: N_("Terminated"),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT: N_("Timed out"),
}


@dataclass
class Child:
    """One run of a child: its ids, its type, and its status as far as its parent knows."""

    workflow_id: str
    run_id: str
    type: str
    status: str = N_("Running")


def children_of(events: Iterable[HistoryEvent]) -> list[Child]:
    """In the order in which they started."""
    found: dict[int, Child] = {}
    for event in events:
        inside = attributes(event)
        if event.event_type == _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
            one = inside.workflow_execution
            found[event.event_id] = Child(one.workflow_id, one.run_id, inside.workflow_type.name)
        elif event.event_type in ENDED and inside.started_event_id in found:
            found[inside.started_event_id].status = ENDED[event.event_type]
    return list(found.values())
