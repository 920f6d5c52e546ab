"""The inbox and the other lists of approvals, with filters, sorting and business columns."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backend.api.routes.approvals.inbox_position import filter_in
from backend.api.routes.core.dependencies import After, AllProcesses, Db
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.core.access import Processes
from backend.cases.inbox.filter_options import requester_of
from backend.cases.inbox.filters import Tab
from backend.cases.inbox.lists import inbox
from backend.cases.inbox.page import inbox_page

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])


@router.get("/approvals", name="approvals:list")
async def show_list(
    request: Request,
    person: CurrentPerson,
    database: Db,
    processes: AllProcesses,
    render: Render,
    after: After = "",
    picked: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """My approvals, overdue first; those of my groups, unclaimed or done; and all that I may see."""
    only = filter_in(request)
    async with database.transaction(person.tenant) as session:
        only = replace(only, requester=await requester_of(session, only.requester))
        frame = {"only": only, "after": after, "picked": picked == "page", **_columns(processes, only.process)}
        if render.wants_fragment:
            page = await inbox(session, person, only, after, processes=processes)
            return render.fragment("approvals/_rows.html", page=page, **frame)
        found = await inbox_page(session, person, only, after, processes)
    waits = found.counts[Tab.MINE]
    return await render("approvals/list.html", active="approvals", waits=waits, found=found, page=found.rows, **frame)


def _columns(processes: Processes, key: str) -> dict[str, Any]:
    """The business columns of one process, and which of them are days."""
    process = processes.get(key)
    columns = process.column_labels() if process else {}
    days = {name for name in columns if process and process.input.model_fields[name].annotation is date}
    return {"columns": columns, "days": days}
