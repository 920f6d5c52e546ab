"""Executions and their history."""

from typing import Any

from pydantic import BaseModel

from backend.api.routes.core.schema_types import Moment


class ExecutionOut(BaseModel):
    """One execution in a list."""

    workflow_id: str
    run_id: str
    type: str
    status: str
    started_at: Moment
    closed_at: Moment | None
    task_queue: str
    history_length: int


class ExecutionPage(BaseModel):
    """Some executions."""

    items: list[ExecutionOut]
    next: str | None


class EventOut(BaseModel):
    """One history event with its payloads decrypted."""

    id: int
    at: Moment
    kind: str
    about: str
    event: dict[str, Any]


class EventPage(BaseModel):
    """Up to 200 events behind `after`; `next` is null at the end."""

    items: list[EventOut]
    next: int | None


class PendingOut(BaseModel):
    """One activity that is not done."""

    name: str
    state: str
    attempt: int
    failure: str
    next_attempt_at: Moment | None
    last_worker: str
