"""Correct the request within the decision: the fields that the policy names, in the form they were sent with."""

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.forms.context import form_context
from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.forms.view import form_view, to_values
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.approvals.decide.correct import correct
from backend.cases.approvals.detail.available_actions import ApprovalAction
from backend.cases.approvals.detail.view import ApprovalView, approval_view
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError

router = APIRouter(tags=["acts"], dependencies=[SIGNED_IN])
OURS = frozenset({"csrf_token", "version", "words", "restore"})
MENDABLE = 422


@router.get("/approvals/{approval_id}/correct", name="corrections:show")
async def show(approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """The fields that may be corrected, as they are."""
    view = await _view(approval_id, person, state)
    return await _draw(
        view, to_values(state.processes[view.case.process].input, view.case.input), person, state, render
    )


@router.post("/approvals/{approval_id}/correct", name="corrections:save")
async def save(request: Request, approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Write the corrected version; the answer is given afterwards."""
    view, pairs = await _view(approval_id, person, state), await pairs_of(request)
    process, ours = state.processes[view.case.process], {name: value for name, value in pairs if name in OURS}
    values = {name: kept for name, kept in to_values(process.input, view.case.input).items() if not _may(view, name)}
    for name, value in pairs:
        if _may(view, name):
            values.setdefault(name, []).append(value)
    async with state.database.transaction(person.tenant) as session:
        context = await form_context(session, person, process.input)
    decoded = decode(process.input, [(name, each) for name, kept in values.items() for each in kept], context)
    errors = {name: words for name, words in decoded.errors.items() if _may(view, name)}
    if "restore" in ours or decoded.form is None:
        problem = "" if errors or "restore" in ours else "Other parts of this request no longer hold. Send it back."
        words = ours.get("words", "")
        return await _draw(view, decoded.values, person, state, render, errors=errors, words=words, problem=problem)
    version = ours.get("version", "")
    seen = int(version[:9]) if version.isdecimal() else 0
    try:
        given = (decoded.form, seen, ours.get("words", ""))
        await correct(state.database, state.processes, approval_id, *given, by=person)
    except CaseError as refused:
        if refused.status != MENDABLE:
            raise
        return await _draw(view, decoded.values, person, state, render, problem=refused.sentence)
    where = render.path_for("approvals:show", approval_id=approval_id)
    return await render.redirect(where, toast="Corrected. The difference is kept; now decide.")


def _may(view: ApprovalView, name: str) -> bool:
    return name.partition(".")[0] in view.policy.correctable


async def _view(approval_id: UUID, person: Actor, state: WebState) -> ApprovalView:
    async with state.database.transaction(person.tenant) as session:
        return await approval_view(session, person, approval_id, state.processes)


async def _draw(
    view: ApprovalView,
    values: dict[str, list[str]],
    person: Actor,
    state: WebState,
    render: Renderer,
    *,
    errors: dict[str, str] | None = None,
    words: str = "",
    problem: str = "",
) -> Response:
    async with state.database.transaction(person.tenant) as session:
        model = state.processes[view.case.process].input
        context = await form_context(session, person, model)
    form = form_view(model, values, errors or {}, context.choices, [])
    sections = [replace(each, fields=[f for f in each.fields if _may(view, f.shape.name)]) for each in form.sections]
    return await render(
        "approvals/correct.html",
        answer=MENDABLE if problem or errors else 200,
        active="approvals",
        view=view,
        form=replace(form, sections=[each for each in sections if each.fields]),
        possible=ApprovalAction.CORRECT in view.acts,
        words=words,
        problem=problem,
    )
