"""REST: executions and their history, for operators."""

import base64
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from temporalio.client import WorkflowExecution

from backend.api.routes.core.dependencies import ProcessFilter, State
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import OPERATOR, CurrentPerson
from backend.api.routes.executions.pages import ExecutionFilter, own_query, read_token, require_own
from backend.api.routes.executions.schemas import (
    SPELLED,
    EventOut,
    EventPage,
    ExecutionOut,
    ExecutionPage,
    PendingOut,
    StatusFilter,
)
from backend.temporal import history
from backend.temporal.executions import describe_execution, list_executions, pending_activities

router = APIRouter(prefix="/executions", tags=["executions"], dependencies=[OPERATOR], responses=PROBLEMS)
Words = Annotated[str, Query(max_length=1000)]
PAGE = 200


def execution_out(one: WorkflowExecution) -> ExecutionOut:
    """An execution on the wire."""
    return ExecutionOut(
        workflow_id=one.id,
        run_id=one.run_id,
        type=one.workflow_type,
        status=one.status.name.lower() if one.status else "unknown",
        started_at=one.start_time,
        closed_at=one.close_time,
        task_queue=one.task_queue,
        history_length=one.history_length,
    )


@router.get("", name="api:executions:list", summary="List executions")
async def list_all(
    person: CurrentPerson,
    state: State,
    process: ProcessFilter,
    query: Words = "",
    status: StatusFilter | None = None,
    after: Words = "",
) -> ExecutionPage:
    """Newest first. Filter by status, process or Temporal's query language."""
    wanted = own_query(person, ExecutionFilter(process=process, status=SPELLED[status] if status else "", query=query))
    listed = await list_executions(state.temporal, wanted, read_token(after))
    following = base64.urlsafe_b64encode(listed.next).decode() or None
    return ExecutionPage(items=[execution_out(one) for one in listed.items], next=following)


@router.get("/{workflow_id:any}/{run_id:uuid}/events", name="api:executions:events", summary="List history events")
async def list_events(
    workflow_id: str, run_id: UUID, person: CurrentPerson, state: State, after: Annotated[int, Query(ge=0)] = 0
) -> EventPage:
    """Up to 200 events after `after`, with decrypted payloads."""
    require_own(person, workflow_id)
    items: list[EventOut] = []
    async for event in history.events(state.temporal, workflow_id, str(run_id), after):
        if len(items) == PAGE:
            return EventPage(items=items, next=items[-1].id)
        row = history.row(event)
        shown = await history.as_json(state.temporal.data_converter, event)
        items.append(EventOut(id=row.id, at=row.at, kind=row.kind, about=row.about, event=shown))
    return EventPage(items=items, next=None)


@router.get(
    "/{workflow_id:any}/{run_id:uuid}/pending", name="api:executions:pending", summary="List pending activities"
)
async def list_pending(workflow_id: str, run_id: UUID, person: CurrentPerson, state: State) -> list[PendingOut]:
    """Activities in progress, with the last failure and the next attempt."""
    require_own(person, workflow_id)
    description = await describe_execution(state.temporal, workflow_id, str(run_id))
    found = await pending_activities(state.temporal, description)
    return [PendingOut(**{name: getattr(one, name) for name in PendingOut.model_fields}) for one in found]


@router.get("/{workflow_id:any}/{run_id:uuid}", name="api:executions:show", summary="Get an execution")
async def show(workflow_id: str, run_id: UUID, person: CurrentPerson, state: State) -> ExecutionOut:
    """The summary of one execution."""
    require_own(person, workflow_id)
    return execution_out(await describe_execution(state.temporal, workflow_id, str(run_id)))
