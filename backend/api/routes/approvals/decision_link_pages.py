"""Answering by the personal link of a mail: one request, without signing in. Only the POST decides."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from backend.api.routes.approvals.decision_form import INCOMPLETE, answer_typed, extra_fields, what_is_missing
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import typed
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import PUBLIC
from backend.api.routes.core.state import WebState
from backend.cases.approvals.decide.decide import Channel, decide
from backend.cases.approvals.decide.decision_links import DecisionLinks, Guest, guest_of
from backend.cases.approvals.detail.view import approval_view
from backend.cases.core.errors import CaseError, ExtraWrong

router = APIRouter(prefix="/answer", tags=["answers"], dependencies=[PUBLIC])
PAGE = "answers/page.html"


async def _guest(token: str, state: State) -> Guest:
    return await guest_of(state.database, DecisionLinks(state.settings.keys()), token)


TheGuest = Annotated[Guest, Depends(_guest)]


async def _context(
    state: WebState, guest: Guest, token: str, form: Mapping[str, str] | None = None, refused: CaseError | None = None
) -> dict[str, Any]:
    """The page's context, with what was typed before and what was wrong with it."""
    async with state.database.transaction(guest.person.tenant) as session:
        view = await approval_view(session, guest.person, guest.approval_id, state.processes)
        wrong = isinstance(refused, ExtraWrong)
        extra = await extra_fields(session, guest.person, view.extra, form or {}, checked=wrong)
    return {
        "view": view,
        "process": state.processes[view.case.process],
        "reader": guest.person,
        "spent": guest.spent,
        "token": token,
        "extra": extra,
        "reason": (form or {}).get("comment", ""),
        "problem": what_is_missing(refused),
        "pressed": (form or {}).get("decision", ""),
    }


def _privately(response: Response) -> Response:
    """The address is a secret: no search engine keeps it, and our policy of referrers tells no other site.

    A stricter policy would have browsers send the form with the origin «null», which is refused.
    """
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@router.get("/{token}", name="answers:show")
async def show(token: str, guest: TheGuest, state: State, render: Render) -> Response:
    """The request with its buttons; once it is closed or answered, how it ended. Looking changes nothing."""
    return _privately(await render(PAGE, **await _context(state, guest, token)))


@router.post("/{token}/decision", name="answers:decide")
async def answer(request: Request, token: str, guest: TheGuest, state: State, render: Render) -> Response:
    """Record the answer as if its person were signed in, and use the link up."""
    form = await typed(request)
    try:
        given = await answer_typed(form, state, guest.person, guest.approval_id, guest.delivery_id)
        by, channel = guest.person, Channel.LINK
        await decide(state.database, state.processes, guest.approval_id, given, by=by, channel=channel)
    except INCOMPLETE as refused:
        context = await _context(state, guest, token, form, refused)
        return _privately(await render(PAGE, answer=422, **context))
    return _privately(await render.redirect(render.path_for("answers:show", token=token)))
