"""The inbox and its neighbours: lists of approvals with filters, orders and business columns."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backend.api.routes.core.dependencies import AllProcesses, Db
from backend.api.routes.core.inbox_place import wanted
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.inbox import inbox, waiting_count
from backend.cases.inbox_choices import choices_of, requester_of
from backend.cases.inbox_filter import InboxFilter, Tab

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])
COUNTED = (Tab.MINE, Tab.GROUPS, Tab.UNCLAIMED)


@router.get("/approvals", name="approvals:list")
async def show_list(
    request: Request,
    person: CurrentPerson,
    database: Db,
    processes: AllProcesses,
    render: Render,
    after: Annotated[str, Query(max_length=400)] = "",
    picked: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """What waits for me, overdue first; what my groups, nobody, or I have done with; and all I may see."""
    only = wanted(request)
    async with database.transaction(person.tenant) as session:
        only = replace(only, requester=await requester_of(session, only.requester))
        page = await inbox(session, person, only, after, processes=processes)
        counts = {each: await waiting_count(session, person, InboxFilter(tab=each)) for each in COUNTED}
        fitting = await waiting_count(session, person, only, processes=processes)
        choices = await choices_of(session, person, only, processes)
    return await render(
        "approvals/list.html",
        fragment="approvals/_rows.html",
        active="approvals",
        page=page,
        only=only,
        counts=counts,
        fitting=fitting,
        choices=choices,
        columns=processes[only.process].column_labels() if only.process in processes else {},
        after=after,
        picked=picked == "page",
    )
