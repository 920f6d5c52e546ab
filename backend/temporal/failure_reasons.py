"""Why something in a history failed, decrypted: of the execution as a whole, and of each step."""

from collections.abc import Iterable, Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter

from backend.kit.i18n import N_
from backend.temporal.codec import CannotDecrypt
from backend.temporal.history import Group, attributes

_E = EventType
ENDS = {
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
}
TIMED_OUT = N_("It reached its time limit.")


async def reasons_of(converter: DataConverter, events: Iterable[HistoryEvent]) -> dict[int, str]:
    """By the number of the event that says so."""
    found = {}
    for event in events:
        inside = attributes(event)
        if event.event_type == _E.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
            found[event.event_id] = TIMED_OUT
        elif event.event_type == _E.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
            found[event.event_id] = inside.reason
        elif "failure" in inside.DESCRIPTOR.fields_by_name and inside.HasField("failure"):
            found[event.event_id] = await in_words(converter, inside.failure)
    return found


async def in_words(converter: DataConverter, failure: Failure) -> str:
    """The message of a failure, and that of its innermost cause, which says what really happened."""
    copied = Failure()
    copied.CopyFrom(failure)
    try:
        error: BaseException = await converter.decode_failure(copied)
    except (CannotDecrypt, RuntimeError, ValueError) as problem:
        return f"cannot be read: {type(problem).__name__}"
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return str(error) if cause is error or str(cause) in str(error) else f"{error}: {cause}"


def with_reasons(groups: Sequence[Group], reasons: dict[int, str]) -> None:
    """Give each group the reason of its last event."""
    for group in groups:
        group.why = reasons.get(group.last, "")


def reason_of_end(events: Sequence[HistoryEvent], reasons: dict[int, str]) -> str:
    """Why the execution failed, was terminated or timed out; empty otherwise."""
    return next((reasons.get(event.event_id, "") for event in reversed(events) if event.event_type in ENDS), "")
