"""Executions, for operators: the list with counts, and the history of one."""

import base64
import binascii
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import OPERATOR, CurrentPerson
from backend.api.routes.executions.recorded import STATUSES as RECORDED
from backend.api.routes.executions.recorded import ListedRecords, recorded_executions
from backend.cases.core.actor import Actor
from backend.cases.tracking.case_list import CaseFilter, case_by_workflow, cases_by_workflow, list_cases
from backend.database.pages import BadCursor
from backend.temporal.execution_view import Look, View, read_execution
from backend.temporal.executions import (
    STATUSES,
    BadQuery,
    Listed,
    NoSuchExecution,
    TemporalAway,
    count_by_status,
    in_time,
    list_executions,
)
from backend.temporal.history import raw_history
from backend.temporal.query_language import one_condition

router = APIRouter(tags=["executions"], dependencies=[OPERATOR])
Words = Annotated[str, Query(max_length=1000)]
Started = Literal["", "hour", "day", "week"]
SINCE = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
NOTHING = "WorkflowId = ''"


@dataclass(frozen=True)
class ExecutionFilter:
    """What to show; empty fields do not filter. `q` are words of the case, `query` is Temporal's own language."""

    process: str = ""
    status: str = ""
    started: Started = ""
    q: str = ""
    query: str = ""


async def _filter(
    process: Words = "", status: Words = "", started: Started = "", q: Words = "", query: Words = ""
) -> ExecutionFilter:
    return ExecutionFilter(process, status, started, q, query)


Filter = Annotated[ExecutionFilter, Depends(_filter)]


def own_query(actor: Actor, only: ExecutionFilter) -> str:
    """A Temporal query that stays within the actor's tenant. BadQuery if theirs would not."""
    parts = [f'WorkflowId STARTS_WITH "{actor.tenant}."']
    if only.process.replace("_", "").isalnum():
        parts = [f'WorkflowId STARTS_WITH "{actor.tenant}.{only.process}."']
    if only.status in STATUSES:
        parts.append(f'ExecutionStatus = "{only.status}"')
    if only.started:
        parts.append(f'StartTime > "{(datetime.now(UTC) - SINCE[only.started]).isoformat()}"')
    if only.query.strip():
        parts.append(one_condition(only.query.strip()))
    return " AND ".join(parts)


async def own_words(state: State, actor: Actor, q: str) -> str:
    """A Temporal query for the cases that have these words in reference, title or requester; empty without words."""
    if not q.strip():
        return ""
    async with state.database.transaction(actor.tenant) as session:
        found = await list_cases(session, actor, state.processes, CaseFilter(q=q))
    ids = ", ".join(f'"{case.workflow_id}"' for case in found.items)
    return f"WorkflowId IN ({ids})" if ids else NOTHING


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
async def show_list(person: CurrentPerson, state: State, render: Render, only: Filter, after: Words = "") -> Response:
    """All executions, counted by status."""
    shown: dict[str, Any] = {"listed": Listed([], b""), "counts": {}, "problem": None, "next": "", "as_of": None}
    answer = 200
    try:
        async with in_time():
            shown |= await _read_list(state, person, only, read_token(after))
    except BadQuery as error:
        shown["problem"], answer = error, error.status
    except TemporalAway as error:
        if only.query:  # in Temporal's own language, which only Temporal understands
            shown["problem"], answer = error, error.status
        else:
            shown |= await _read_records(state, person, only)
    async with state.database.transaction(person.tenant) as session:
        shown["cases"] = await cases_by_workflow(session, [one.id for one in shown["listed"].items])
    return await render(
        "executions/list.html",
        answer=answer,
        active="executions",
        only=only,
        filters=asdict(only),
        statuses=STATUSES,
        after=after,
        **shown,
    )


async def _read_records(state: State, person: Actor, only: ExecutionFilter) -> dict[str, Any]:
    """The same list from our own records, as they are now."""
    now = datetime.now(UTC)
    since = now - SINCE[only.started] if only.started else None
    wanted = CaseFilter(process=only.process, status=RECORDED.get(only.status, ""), q=only.q)
    async with state.database.transaction(person.tenant) as session:
        found = await recorded_executions(session, person, state.processes, wanted, since)
    return {"listed": ListedRecords(found), "as_of": now}


async def _read_list(state: State, person: Actor, only: ExecutionFilter, token: bytes) -> dict[str, Any]:
    words = await own_words(state, person, only.q)
    everything = ExecutionFilter(only.process, "", only.started, "", only.query)
    queries = [" AND ".join(filter(None, (own_query(person, each), words))) for each in (everything, only)]
    counts = await count_by_status(state.temporal, queries[0])
    listed = await list_executions(state.temporal, queries[1], token)
    return {"counts": counts, "listed": listed, "next": base64.urlsafe_b64encode(listed.next).decode()}


@router.get("/executions/{workflow_id:any}/{run_id:uuid}/export", name="executions:export")
async def export(workflow_id: str, run_id: UUID, person: CurrentPerson, state: State) -> Response:
    """The untouched history, payloads still encrypted: what `countersign replay` reads."""
    require_own(person, workflow_id)
    raw = await raw_history(state.temporal, workflow_id, str(run_id))
    headers = {"Content-Disposition": f'attachment; filename="{file_name(workflow_id)}.json"'}
    return Response(raw, media_type="application/json", headers=headers)


def file_name(workflow_id: str) -> str:
    """An id as the name of a file on any system."""
    return re.sub(r"[^A-Za-z0-9_.-]+|\.{2,}", "-", workflow_id)[:120]


@router.get("/executions/{workflow_id:any}/{run_id:uuid}", name="executions:show")
async def show(
    workflow_id: str,
    run_id: UUID,
    person: CurrentPerson,
    state: State,
    render: Render,
    view: View = View.COMPACT,
    order: Literal["newest", "oldest"] = "newest",
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """One execution: summary, what is pending, and its history in the chosen view."""
    require_own(person, workflow_id)
    async with state.database.transaction(person.tenant) as session:
        case = await case_by_workflow(session, workflow_id)
    shown: dict[str, Any] = {"execution": None, "problem": None}
    answer = 200
    try:
        look = Look(view, after, newest_first=order == "newest")
        shown["execution"] = await read_execution(state.temporal, workflow_id, str(run_id), look)
    except TemporalAway as error:
        shown["problem"], answer = error, error.status
    shown |= {"workflow_id": workflow_id, "run_id": str(run_id), "case": case, "view": view, "order": order}
    return await render("executions/page.html", answer=answer, active="executions", **shown)
