"""Executions and their history."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator
from temporalio.client import WorkflowExecutionStatus

from backend.api.routes.core.schema_types import Moment
from backend.temporal.executions import spelled

ExecutionStatusWord = Literal[
    "running", "completed", "failed", "canceled", "terminated", "timed_out", "continued_as_new"
]
SPELLED = {status.name.lower(): spelled(status) for status in WorkflowExecutionStatus}
"""How Temporal's queries spell a status."""
_WORDS = {spelled: word for word, spelled in SPELLED.items()}
# Temporal's own spelling is understood, too.
StatusFilter = Annotated[ExecutionStatusWord, BeforeValidator(lambda value: _WORDS.get(value, value))]


class ExecutionOut(BaseModel):
    """An execution."""

    workflow_id: str
    run_id: str
    type: str
    status: str
    started_at: Moment
    closed_at: Moment | None
    task_queue: str
    history_length: int


class ExecutionPage(BaseModel):
    """One page of executions."""

    items: list[ExecutionOut]
    next: str | None


class EventOut(BaseModel):
    """A history event with decrypted payloads."""

    id: int
    at: Moment
    kind: str
    about: str
    event: dict[str, Any]


class EventPage(BaseModel):
    """Up to 200 events after `after`; `next` is null at the end."""

    items: list[EventOut]
    next: int | None


class PendingOut(BaseModel):
    """A pending activity."""

    name: str
    state: str
    attempt: int
    failure: str
    next_attempt_at: Moment | None
    last_worker: str
