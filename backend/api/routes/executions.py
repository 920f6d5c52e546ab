"""Executions, for operators: the list with counts, and the history of one."""

import base64
import binascii
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import OPERATOR, CurrentPerson
from backend.cases.actor import Actor
from backend.cases.case_list import case_by_workflow
from backend.database.pages import BadCursor
from backend.temporal import history
from backend.temporal.executions import (
    STATUSES,
    BadQuery,
    NoSuchExecution,
    TemporalAway,
    count_by_status,
    describe_execution,
    list_executions,
    pending_activities,
)

router = APIRouter(tags=["executions"], dependencies=[OPERATOR])
Words = Annotated[str, Query(max_length=1000)]
VIEWS = ("compact", "full", "json", "data")


def own_query(actor: Actor, query: str, status: str, process: str) -> str:
    """A Temporal query that stays within the actor's tenant."""
    parts = [f'WorkflowId STARTS_WITH "{actor.tenant}."']
    if process.replace("_", "").isalnum():
        parts = [f'WorkflowId STARTS_WITH "{actor.tenant}.{process}."']
    if status in STATUSES:
        parts.append(f'ExecutionStatus = "{status}"')
    if query.strip():
        parts.append(f"({query.strip()})")
    return " AND ".join(parts)


def read_token(after: str) -> bytes:
    """The token of a further page."""
    try:
        return base64.urlsafe_b64decode(after.encode())
    except (ValueError, binascii.Error) as error:
        raise BadCursor(after) from error


def require_own(actor: Actor, workflow_id: str) -> None:
    """NoSuchExecution for another tenant's execution."""
    if not workflow_id.startswith(f"{actor.tenant}."):
        raise NoSuchExecution


@router.get("/executions", name="executions:list")
async def show_list(
    person: CurrentPerson,
    state: State,
    render: Render,
    query: Words = "",
    status: Words = "",
    process: Words = "",
    after: Words = "",
) -> Response:
    """All executions, counted by status."""
    filters = {"query": query, "status": status, "process": process}
    shown: dict[str, Any] = {"listed": None, "counts": {}, "problem": None, "after": after, "filters": filters}
    answer = 200
    try:
        everything = own_query(person, query, "", process)
        shown["counts"] = await count_by_status(state.temporal, everything)
        wanted = own_query(person, query, status, process)
        listed = await list_executions(state.temporal, wanted, read_token(after))
        shown["listed"] = listed
        shown["next"] = base64.urlsafe_b64encode(listed.next).decode()
    except (TemporalAway, BadQuery) as error:
        shown["problem"], answer = error, error.status
    return await render("executions/list.html", answer=answer, active="executions", statuses=STATUSES, **shown)


@router.get("/executions/{workflow_id:path}/{run_id:uuid}", name="executions:show")
async def show(
    workflow_id: str,
    run_id: UUID,
    person: CurrentPerson,
    state: State,
    render: Render,
    view: Words = "compact",
    order: Words = "newest",
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """One execution: summary, what is pending, and its history in the chosen view."""
    require_own(person, workflow_id)
    async with state.database.transaction(person.tenant) as session:
        case = await case_by_workflow(session, workflow_id)
    shown: dict[str, Any] = {"description": None, "problem": None}
    answer = 200
    try:
        shown |= await _read(state, workflow_id, str(run_id), after)
    except TemporalAway as error:
        shown["problem"], answer = error, error.status
    return await render(
        "executions/page.html",
        fragment="executions/_history.html",
        answer=answer,
        active="executions",
        workflow_id=workflow_id,
        run_id=str(run_id),
        case=case,
        view=view if view in VIEWS else "compact",
        order=order,
        pretty=history.pretty,
        **shown,
    )


async def _read(state: State, workflow_id: str, run_id: str, after: int) -> dict[str, Any]:
    client = state.temporal
    description = await describe_execution(client, workflow_id, run_id)
    events = [event async for event in history.events(client, workflow_id, run_id)]
    names = await history.local_names(client.data_converter, events)
    given, result = await history.input_and_result(client.data_converter, events)
    page = [event for event in events if event.event_id > after][:200]
    return {
        "description": description,
        "pending": await pending_activities(client, description),
        "groups": history.grouped(events, names),
        "rows": [history.row(event) for event in page],
        "documents": [await history.as_json(client.data_converter, event) for event in page],
        "total": len(events),
        "more": page[-1].event_id if page and page[-1].event_id < events[-1].event_id else 0,
        "given": given,
        "result": result,
    }
