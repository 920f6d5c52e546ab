"""Approvals: one screen to decide."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.api.routes.approvals.decision_form import INCOMPLETE, answer_typed, extra_fields, what_is_missing
from backend.api.routes.approvals.inbox_position import InboxPlace, place_in, wanted
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import typed
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.approvals.decide.decide import Channel, DecisionResult, decide
from backend.cases.approvals.detail.view import approval_view
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError, ExtraWrong

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])


@router.get("/approvals/{approval_id}", name="approvals:show")
async def show(request: Request, approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Everything to decide on one screen; once closed, its outcome at the same address."""
    return await render(
        "approvals/page.html", active="approvals", **await _context(request, state, person, approval_id)
    )


async def _context(
    request: Request,
    state: WebState,
    person: Actor,
    approval_id: UUID,
    form: Mapping[str, str] | None = None,
    refused: CaseError | None = None,
) -> dict[str, Any]:
    """The page's context, with what was typed before and what was wrong with it."""
    async with state.database.transaction(person.tenant) as session:
        view = await approval_view(session, person, approval_id, state.processes)
        here = await place_in(session, person, wanted(request), view.approval, state.processes)
        extra = await extra_fields(session, person, view.extra, form or {}, checked=isinstance(refused, ExtraWrong))
    return {
        "view": view,
        "process": state.processes[view.case.process],
        "here": here,
        "extra": extra,
        "reason": (form or {}).get("comment", ""),
        "problem": what_is_missing(refused),
        "pressed": (form or {}).get("decision", ""),
    }


@router.post("/approvals/{approval_id}/decision", name="approvals:decide")
async def answer(request: Request, approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Record the answer, and go on to the next one."""
    form = await typed(request)
    if "restore" in form:
        context = await _context(request, state, person, approval_id, form)
        return await render("approvals/page.html", active="approvals", **context)
    try:
        given = await answer_typed(form, state, person, approval_id)
        done = await decide(state.database, state.processes, approval_id, given, by=person, channel=Channel.PAGE)
    except INCOMPLETE as refused:
        context = await _context(request, state, person, approval_id, form, refused)
        return await render("approvals/page.html", answer=422, active="approvals", **context)
    async with state.database.transaction(person.tenant) as session:
        here = await place_in(session, person, wanted(request), done.approval, state.processes)
    return await _go_on(here, done, render)


async def _go_on(here: InboxPlace, done: DecisionResult, render: Render) -> Response:
    """Say what follows, and show the next item of the list that the person came from, or the list."""
    words = {"approved": "Approved.", "rejected": "Rejected.", "sent_back": "Sent back.", "open": "Your yes is noted."}
    toast = f"{words.get(done.approval.state, 'Done.')} {done.case.title}."
    following = here.following
    if following is None:
        nothing = "Nothing else is in this list." if here.only.narrows else "Nothing else waits for you."
        return await render.redirect(f"{render.path_for('approvals:list')}{here.query}", toast=f"{toast} {nothing}")
    where = f"{render.path_for('approvals:show', approval_id=following.id)}{here.query}"
    return await render.redirect(where, toast=f"{toast} Next: {following.title}.")
