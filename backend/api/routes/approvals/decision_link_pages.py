"""Decide by the personal link of an email: one approval, without signing in. Only the POST decides."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.routes.approvals.decision_form import FIXABLE, decide_from, extra_fields, problem_of
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import typed
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import PUBLIC
from backend.cases.approvals.core.locked_approval import locked_approval
from backend.cases.approvals.decide.decision import Channel
from backend.cases.approvals.decide.decision_links import DecisionLinks, Guest, guest_of
from backend.cases.approvals.detail.view import ApprovalView, approval_view, view_of
from backend.cases.core.errors import CaseError

router = APIRouter(prefix="/answer", tags=["answers"], dependencies=[PUBLIC])
PAGE = "answers/page.html"


async def _guest(token: str, state: State) -> Guest:
    return await guest_of(state.database, DecisionLinks(state.settings.keys()), token)


TheGuest = Annotated[Guest, Depends(_guest)]


async def _context(
    session: AsyncSession,
    guest: Guest,
    token: str,
    view: ApprovalView,
    form: Mapping[str, str] | None = None,
    refused: CaseError | None = None,
) -> dict[str, Any]:
    """The page's context, with what was typed before and what was wrong with it."""
    form = form or {}
    return {
        "view": view,
        "process": view.process,
        "reader": guest.person,
        "spent": guest.spent,
        "token": token,
        "extra": await extra_fields(session, guest.person, view.extra, form, refused),
        "reason": form.get("comment", ""),
        "problem": problem_of(refused),
    }


def _unlisted(response: Response) -> Response:
    """The address is a secret: no search engine lists it, and our referrer policy tells no other site.

    A stricter policy would make browsers send the form with the origin "null", which is refused.
    """
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@router.get("/{token}", name="answers:show")
async def show(token: str, guest: TheGuest, state: State, render: Render) -> Response:
    """The request with its buttons; once it is closed or decided, its outcome. Reading changes nothing."""
    async with state.database.transaction(guest.person.tenant) as session:
        view = await approval_view(session, guest.person, guest.approval_id, state.processes)
        context = await _context(session, guest, token, view)
    return _unlisted(await render(PAGE, **context))


@router.post("/{token}/decision", name="answers:decide")
async def decide(request: Request, token: str, guest: TheGuest, state: State, render: Render) -> Response:
    """Record the decision as if the person were signed in, and use the link up, in one transaction."""
    form, by, context = await typed(request), guest.person, None
    async with locked_approval(state.database, state.processes, guest.approval_id, by, share_case=True) as locked:
        try:
            await decide_from(form, locked, Channel.LINK, guest.delivery_id)
        except FIXABLE as refused:  # raised before anything is written
            view = await view_of(locked, papers=True)
            context = await _context(locked.session, guest, token, view, form, refused)
    if context is not None:
        return _unlisted(await render(PAGE, answer=422, **context))
    return _unlisted(await render.redirect(render.path_for("answers:show", token=token)))
