"""The page of one approval: everything to decide on one screen."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.routes.approvals.decision_form import FIXABLE, decide_from, extra_fields, problem_of
from backend.api.routes.approvals.inbox_position import InboxPosition, filter_in, position_in, within_list
from backend.api.routes.core.dependencies import After, State
from backend.api.routes.core.form_data import typed
from backend.api.routes.core.live import Live, is_visit
from backend.api.routes.core.rendering import Render, Renderer, Undo
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.approvals.core.candidates import decisions_of
from backend.cases.approvals.core.locked_approval import LockedApproval, locked_approval
from backend.cases.approvals.decide.decision import Channel
from backend.cases.approvals.decide.retract import retract_until
from backend.cases.approvals.detail.view import ApprovalView, approval_view, view_of
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError
from backend.cases.notifications.notification_list import read_of_approval
from backend.kit.approval import ApprovalState
from backend.kit.i18n import N_

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])
PAGE = "approvals/page.html"
LIVE = Live(every=3)
Form = Mapping[str, str]


@router.get("/approvals/{approval_id:uuid}", name="approvals:show")
async def show(request: Request, approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Everything to decide on one screen; once closed, its outcome at the same address."""
    context = await _read(request, approval_id, person, state, {})
    return await render(PAGE, active="approvals", live=LIVE, **context)


async def _read(request: Request, approval_id: UUID, person: Actor, state: WebState, form: Form) -> dict[str, Any]:
    async with state.database.transaction(person.tenant) as session:
        view = await approval_view(session, person, approval_id, state.processes)
        if is_visit(request):
            await read_of_approval(session, person, approval_id)
        return await _context(request, session, state, person, view, form)


async def _context(
    request: Request,
    session: AsyncSession,
    state: WebState,
    person: Actor,
    view: ApprovalView,
    form: Form,
    refused: CaseError | None = None,
) -> dict[str, Any]:
    """The page's context, with what was typed before and what was wrong with it."""
    return {
        "view": view,
        "process": view.process,
        "position": await position_in(session, person, filter_in(request), view.approval, state.processes),
        "extra": await extra_fields(session, person, view.extra, form, refused),
        "reason": form.get("comment", ""),
        "problem": problem_of(refused),
    }


@router.post("/approvals/{approval_id:uuid}/decision", name="approvals:decide")
async def decide(
    request: Request, approval_id: UUID, person: CurrentPerson, state: State, render: Render, after: After = ""
) -> Response:
    """Record the decision in one transaction. Go on to the next approval, or back to the list if it was made there."""
    form = await typed(request)
    if "restore" in form:
        return await render(PAGE, active="approvals", **await _read(request, approval_id, person, state, form))
    async with locked_approval(state.database, state.processes, approval_id, person, share_case=True) as locked:
        refused = await _decided(form, locked, state)
        if refused is None:
            undo = await _undo(locked, render)
            only = filter_in(request)
            position = await position_in(locked.session, person, only, locked.approval, state.processes)
        else:
            view = await view_of(locked, papers=True)
            context = await _context(request, locked.session, state, person, view, form, refused)
    if refused is not None:
        return await render(PAGE, answer=422, active="approvals", **context)
    if "row" in form:
        url = within_list(request, render.path_for("approvals:list"), after)
    elif position.following is None:
        url = f"{render.path_for('approvals:list')}{position.query}"
    else:
        url = f"{render.path_for('approvals:show', approval_id=position.following.id)}{position.query}"
    return await render.redirect(url, toast=_toast(locked, None if "row" in form else position), undo=undo)


async def _undo(locked: LockedApproval, render: Renderer) -> Undo | None:
    """How the decision that was just recorded is undone, and for how long."""
    person = locked.person.person_id
    until = retract_until(locked.approval, await decisions_of(locked.session, locked.approval.id), person)
    if until is None:
        return None
    seconds = int((until - locked.eligibility.now).total_seconds())
    return Undo(render.path_for("approvals:undo", approval_id=locked.approval.id), seconds)


async def _decided(form: Form, locked: LockedApproval, state: WebState) -> CaseError | None:
    """What has to be fixed first; None if the decision is recorded."""
    try:
        await decide_from(form, locked, Channel.PAGE, undo_within=state.settings.undo_on_pages)
    except FIXABLE as refused:  # raised before anything is written
        return refused
    return None


_RESULTS = {
    ApprovalState.APPROVED: N_("Approved"),
    ApprovalState.REJECTED: N_("Rejected"),
    ApprovalState.SENT_BACK: N_("Changes requested"),
    ApprovalState.OPEN: N_("Decision recorded, more are needed"),
}


def _toast(locked: LockedApproval, position: InboxPosition | None) -> str:
    """What was recorded, and what comes next in the list that the person came from, unless they are there."""
    about = {"result": _RESULTS[ApprovalState(locked.approval.state)], "title": locked.case.title}
    if position is None:
        return N_("{result}: {title}.").format(**about)
    if position.following is not None:
        return N_("{result}: {title}. Next: {next_title}.").format(**about, next_title=position.following.title)
    if position.only.narrows:
        return N_("{result}: {title}. This list has no more approvals.").format(**about)
    return N_("{result}: {title}. Your inbox is empty.").format(**about)
