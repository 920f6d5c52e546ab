"""Decide many approvals with one answer: the selection, what it comes to, and the result of each."""

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import pairs_of, typed
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CommentNeeded, CommentTooLong, NotFound
from backend.cases.inbox.bulk import MOST, Pick, job_of, pick, start
from backend.cases.inbox.bulk_view import bulk_view
from backend.cases.inbox.filters import filter_of
from backend.cases.inbox.lists import inbox
from backend.kit.approval import DecisionKind

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])


@router.post("/approvals/bulk", name="bulk:pick")
async def choose(request: Request, person: CurrentPerson, state: State, render: Render) -> Response:
    """Keep what was picked in a list, or the first 500 of all in it to decide; nothing is decided by that."""
    pairs = await pairs_of(request)
    only = filter_of(request.query_params.multi_items())
    if ("which", "all") in pairs:
        async with state.database.transaction(person.tenant) as session:
            page = await inbox(session, person, replace(only, to_decide=True), limit=MOST, processes=state.processes)
        picks = [Pick(item.id, item.version) for item in page.items]
    else:
        picks = [_read(value) for name, value in pairs if name == "pick"]
    job = await pick(state.database, picks, by=person, back=only.query())
    return await render.redirect(render.path_for("bulk:show", job=job))


def _read(value: str) -> Pick:
    """`id:version`, as a row of the list has it."""
    approval_id, _, version = value.partition(":")
    try:
        return Pick(UUID(approval_id), int(version[:9]))
    except ValueError as error:
        raise NotFound("This selection cannot be read. Open the list again.") from error


@router.get("/approvals/bulk/{job}", name="bulk:show")
async def show(job: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """What the answer comes to before it is given; afterwards the result of each."""
    return await _draw(job, person, state, render)


async def _draw(
    job: UUID, person: Actor, state: WebState, render: Renderer, problem: str = "", comment: str = ""
) -> Response:
    async with state.database.transaction(person.tenant) as session:
        view = await bulk_view(session, await job_of(session, job, person), state.processes, person)
    page = "approvals/bulk.html" if view.job.choice else "approvals/bulk_confirm.html"
    answer = 422 if problem else 200
    return await render(page, answer=answer, active="approvals", view=view, problem=problem, comment=comment)


@router.post("/approvals/bulk/{job}", name="bulk:start")
async def begin(request: Request, job: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Give the answer; each approval is decided by itself, whoever closes the page."""
    form = await typed(request)
    decision, comment = form.get("decision", ""), form.get("comment", "")
    if "restore" in form:
        return await _draw(job, person, state, render, comment=comment)
    if decision not in set(DecisionKind):
        raise NotFound("This answer cannot be read. Open the selection again.")
    try:
        await start(state.database, job, DecisionKind(decision), comment, by=person)
    except (CommentNeeded, CommentTooLong) as refused:
        return await _draw(job, person, state, render, refused.sentence, comment)
    return await render.redirect(render.path_for("bulk:show", job=job))


@router.get("/approvals/bulk/{job}/status", name="bulk:status")
async def show_status(job: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """The part that refreshes itself until every approval has its result."""
    async with state.database.transaction(person.tenant) as session:
        view = await bulk_view(session, await job_of(session, job, person), state.processes, person)
    return render.fragment("approvals/_bulk.html", view=view)
