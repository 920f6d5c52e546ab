"""Decide many approvals at once: the selection, a review, and the result of each."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from backend.api.routes.approvals.inbox_pages import draw_list
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.live import Live
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CommentNeeded, CommentTooLong, NotFound
from backend.cases.inbox.bulk import MOST, NothingPicked, Pick, job_of, pick, start
from backend.cases.inbox.bulk_view import bulk_view
from backend.cases.inbox.filters import filter_of
from backend.cases.inbox.lists import inbox
from backend.kit.approval import DecisionKind
from backend.kit.i18n import N_

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])
UNDER_WAY = Live(every=1)


@router.post("/approvals/bulk", name="bulk:pick")
async def choose(request: Request, person: CurrentPerson, state: State, render: Render) -> Response:
    """Save the selection of a list, or the first 500 of all in it; nothing is decided yet."""
    pairs = await pairs_of(request)
    only = filter_of(request.query_params.multi_items())
    if ("which", "all") in pairs:
        async with state.database.transaction(person.tenant) as session:
            page = await inbox(session, person, replace(only, to_decide=True), limit=MOST, processes=state.processes)
        picks = [Pick(item.id, item.version) for item in page.items]
    else:
        picks = [_read(value) for name, value in pairs if name == "pick"]
    try:
        job = await pick(state.database, state.processes, picks, by=person, back=only.query())
    except NothingPicked as refused:
        return await draw_list(only, person, state, render, problem=refused.sentence)
    return await render.redirect(render.path_for("bulk:show", job=job))


def _read(value: str) -> Pick:
    """`id:version`, as a row of the list has it."""
    approval_id, _, version = value.partition(":")
    try:
        return Pick(UUID(approval_id), int(version[:9]))
    except ValueError as error:
        raise NotFound(N_("This selection cannot be read. Open the list again.")) from error


@router.get("/approvals/bulk/{job}", name="bulk:show")
async def show(job: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """A review before the decision; afterwards the result of each."""
    return await _draw(job, person, state, render)


async def _draw(
    job: UUID, person: Actor, state: WebState, render: Renderer, problem: str = "", comment: str = ""
) -> Response:
    async with state.database.transaction(person.tenant) as session:
        view = await bulk_view(session, await job_of(session, job, person), state.processes, person)
    page = "approvals/bulk.html" if view.job.choice else "approvals/bulk_confirm.html"
    live = UNDER_WAY if view.job.choice and not view.progress.over else None
    return await render(
        page,
        answer=422 if problem else 200,
        active="approvals",
        live=live,
        view=view,
        problem=problem,
        comment=comment,
    )


class BulkForm(PostedForm):
    """The decision on everything selected; `restore` brings back what was typed before signing in."""

    decision: str = ""
    comment: str = ""
    restore: str = ""


@router.post("/approvals/bulk/{job}", name="bulk:start", dependencies=[SINGLE_FIELDS])
async def begin(
    job: UUID, form: Annotated[BulkForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Decide; each approval is decided on its own, even if the page is closed."""
    if form.restore:
        return await _draw(job, person, state, render, comment=form.comment)
    if form.decision not in set(DecisionKind):
        raise NotFound(N_("This decision cannot be read. Open the selection again."))
    try:
        await start(state.database, job, DecisionKind(form.decision), form.comment, by=person)
    except (CommentNeeded, CommentTooLong) as refused:
        return await _draw(job, person, state, render, refused.sentence, form.comment)
    return await render.redirect(render.path_for("bulk:show", job=job))
