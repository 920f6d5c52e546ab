"""The inbox and the other lists of approvals, with filters, sorting and business columns."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backend.api.routes.approvals.inbox_position import filter_in
from backend.api.routes.core.dependencies import After, State
from backend.api.routes.core.live import Live
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.attention.attention import attention_of
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.inbox.filter_options import requester_of
from backend.cases.inbox.filters import InboxFilter, Tab
from backend.cases.inbox.lists import InboxItem
from backend.cases.inbox.page import COUNTED, inbox_page

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])
LIVE = Live(every=5)


@router.get("/approvals", name="approvals:list")
async def show_list(
    request: Request,
    person: CurrentPerson,
    state: State,
    render: Render,
    after: After = "",
    picked: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """My inbox, overdue first; approvals of my groups, unclaimed or done; and all that I may see."""
    return await draw_list(filter_in(request), person, state, render, after=after, picked=picked == "page")


async def draw_list(
    only: InboxFilter,
    person: Actor,
    state: WebState,
    render: Renderer,
    *,
    after: str = "",
    picked: bool = False,
    problem: str = "",
) -> Response:
    """Draw the list; `problem` says why its selection cannot be decided."""
    async with state.database.transaction(person.tenant) as session:
        only = replace(only, requester=await requester_of(session, only.requester))
        found = await inbox_page(session, person, only, after, state.processes)
        attention = await attention_of(session, person, state.processes, found.counts[Tab.MINE])
    whole = only.tab is Tab.MINE and not only.narrows and not after
    return await render(
        "approvals/list.html",
        answer=422 if problem else 200,
        active="approvals",
        attention=attention,
        live=None if picked else LIVE,
        only=only,
        after=after,
        picked=picked,
        found=found,
        page=found.rows,
        one_click=_one_click(state.processes, found.rows.items) if only.tab in COUNTED else set(),
        tasks=attention.tasks if whole else (),
        counts={**found.counts, Tab.MINE: attention.count},
        problem=problem,
        **_columns(state.processes, only.process),
    )


def _one_click(processes: Processes, items: Sequence[InboxItem]) -> set[UUID]:
    """Which of these can be approved in the list: no comment and no fields are needed."""
    fields = {(key, step) for key, process in processes.items() for step in process.decision_fields}
    return {item.id for item in items if item.approve and not item.advises and (item.process, item.step) not in fields}


def _columns(processes: Processes, key: str) -> dict[str, Any]:
    """The business columns of one process, and which of them are days."""
    process = processes.get(key)
    columns = process.column_labels() if process else {}
    days = {name for name in columns if process and process.input.model_fields[name].annotation is date}
    return {"columns": columns, "days": days}
