"""Approvals: the inbox, and one screen to decide."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.routes.core.dependencies import AllProcesses, Db, State
from backend.api.routes.core.posted import typed
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.access import Processes
from backend.cases.actor import Actor
from backend.cases.approval_view import ApprovalView, approval_view
from backend.cases.deciding import Answer, Channel, Decided, decide
from backend.cases.errors import CommentNeeded, CommentTooLong, NotFound
from backend.cases.inbox import InboxItem, Tab, inbox, waiting_count
from backend.kit.approval import Choice

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])


@router.get("/approvals", name="approvals:list")
async def show_list(
    person: CurrentPerson,
    database: Db,
    render: Render,
    tab: Tab = Tab.MINE,
    after: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """What waits for me, overdue first; and what I answered."""
    async with database.transaction(person.tenant) as session:
        page = await inbox(session, person, tab, after)
        counts = {each: await waiting_count(session, person, each) for each in (Tab.MINE, Tab.GROUPS)}
    return await render(
        "approvals/list.html", fragment="approvals/_rows.html", active="approvals", page=page, tab=tab, counts=counts
    )


@router.get("/approvals/{approval_id}", name="approvals:show")
async def show(
    approval_id: UUID, person: CurrentPerson, database: Db, processes: AllProcesses, render: Render
) -> Response:
    """Everything to decide on one screen; once closed, its outcome at the same address."""
    context = await _context(database, person, approval_id, processes)
    return await render("approvals/page.html", active="approvals", **context, reason="", problem="")


async def _context(database: Db, person: Actor, approval_id: UUID, processes: Processes) -> dict[str, Any]:
    async with database.transaction(person.tenant) as session:
        view = await approval_view(session, person, approval_id, processes)
        page = await inbox(session, person)
    return {"view": view, "process": processes[view.case.process], **_neighbours(view, list(page.items))}


def _neighbours(view: ApprovalView, items: list[InboxItem]) -> dict[str, Any]:
    """Where this one stands in the inbox, and what comes before and after."""
    place = next((index for index, item in enumerate(items) if item.id == view.approval.id), None)
    if place is None:
        return {"items": items, "place": None, "former": None, "following": items[0] if items else None}
    former = items[place - 1] if place else None
    following = items[place + 1] if place + 1 < len(items) else None
    return {"items": items, "place": place, "former": former, "following": following}


@router.post("/approvals/{approval_id}/decision", name="approvals:decide")
async def answer(request: Request, approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Record the answer, and go on to the next one."""
    form = await typed(request)
    if "restore" in form:
        context = await _context(state.database, person, approval_id, state.processes)
        return await render(
            "approvals/page.html", active="approvals", **context, reason=form.get("comment", ""), problem=""
        )
    try:
        given = _answer(form)
        done = await decide(state.database, state.processes, approval_id, given, by=person, channel=Channel.PAGE)
    except (CommentNeeded, CommentTooLong) as problem:
        context = await _context(state.database, person, approval_id, state.processes)
        reason = form.get("comment", "")
        return await render(
            "approvals/page.html", answer=422, active="approvals", **context, reason=reason, problem=problem.sentence
        )
    async with state.database.transaction(person.tenant) as session:
        return await _go_on(session, done, person, render)


def _answer(form: dict[str, str]) -> Answer:
    version, decision = form.get("version", ""), form.get("decision", "")
    if decision not in set(Choice) or not version.isdecimal():
        raise NotFound("This answer cannot be read. Open the approval again.")
    return Answer(Choice(decision), int(version[:9]), form.get("comment", ""))


async def _go_on(session: AsyncSession, done: Decided, person: Actor, render: Render) -> Response:
    """Say what follows, and show the next item or the inbox."""
    page = await inbox(session, person, limit=1)
    words = {"approved": "Approved.", "rejected": "Rejected.", "sent_back": "Sent back.", "open": "Your yes is noted."}
    toast = f"{words.get(done.approval.state, 'Done.')} {done.case.title}."
    if not page.items:
        return await render.redirect(render.path_for("approvals:list"), toast=f"{toast} Nothing else waits for you.")
    following = page.items[0]
    where = render.path_for("approvals:show", approval_id=following.id)
    return await render.redirect(where, toast=f"{toast} Next: {following.title}.")
