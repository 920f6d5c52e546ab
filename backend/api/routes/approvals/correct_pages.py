"""Correct the request while deciding: the fields that the policy names, in the form they were submitted with."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.forms.decoder import Decoded, decode
from backend.api.routes.core.forms.numbers import respelled
from backend.api.routes.core.forms.rows import focus_after, rearranged
from backend.api.routes.core.forms.values import to_values
from backend.api.routes.core.forms.view import form_view
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.approvals.core.locked_approval import locked_approval
from backend.cases.approvals.decide.correct import correct
from backend.cases.approvals.detail.available_actions import ApprovalAction
from backend.cases.approvals.detail.view import ApprovalView, approval_view
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError
from backend.cases.core.form_context import form_context
from backend.i18n.typed_numbers import TYPED_IN
from backend.kit.fields import FormContext
from backend.kit.i18n import N_

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])
CONTROLS = frozenset({"csrf_token", "version", "words", "add", "remove", "restore"})
FIXABLE = 422
PATH, NAME = "/approvals/{approval_id:uuid}/correct", "approvals:correct"


@router.get(PATH, name=NAME)
async def show(approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """The fields that may be corrected, as they are."""
    view, context = await _read(approval_id, person, state)
    return await _draw(view, to_values(view.process.input, view.case.input), context, render)


@router.post(PATH, name=NAME)
async def save(request: Request, approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Save the corrected version; the decision is made afterwards."""
    view, context = await _read(approval_id, person, state)
    pairs = await pairs_of(request)
    controls = {name: value for name, value in pairs if name in CONTROLS}
    decoded = _decode(view, pairs, context)
    if "add" in controls or "remove" in controls:
        values = rearranged(view.process.input, decoded.values, controls)
        focus = focus_after(view.process.input, values, controls)
        return await _draw(view, values, context, render, words=controls.get("words", ""), focus=focus)
    errors = {name: text for name, text in decoded.errors.items() if _correctable(view, name)}
    problem, words = "", controls.get("words", "")
    if "restore" not in controls and decoded.form is not None:
        problem = await _correct(approval_id, decoded.form, controls, person, state)
        if not problem:
            where = render.path_for("approvals:show", approval_id=approval_id)
            return await render.redirect(where, toast=N_("Correction saved. You can decide now."))
    elif "restore" not in controls and not errors:
        problem = N_("Other parts of this request are no longer valid. Request changes instead.")
    return await _draw(view, decoded.values, context, render, errors=errors, words=words, problem=problem)


def _decode(view: ApprovalView, pairs: list[tuple[str, str]], context: FormContext) -> Decoded:
    """The fields that may be corrected as they were sent, all others as they are."""
    kept = to_values(view.process.input, view.case.input).items()
    values = {name: given for name, given in kept if not _correctable(view, name)}
    typed: dict[str, list[str]] = {}
    for name, value in pairs:
        if name == TYPED_IN or _correctable(view, name):
            typed.setdefault(name, []).append(value)
    values |= respelled(view.process.input, typed)
    return decode(view.process.input, [(name, each) for name, given in values.items() for each in given], context)


async def _correct(
    approval_id: UUID, form: BaseModel, controls: Mapping[str, str], person: Actor, state: WebState
) -> str:
    """Save it; what has to be fixed first, or nothing."""
    version = controls.get("version", "")
    shown = int(version[:9]) if version.isdecimal() else 0
    try:
        async with locked_approval(state.database, state.processes, approval_id, person) as locked:
            await correct(locked, form, shown, controls.get("words", ""))
    except CaseError as refused:
        if refused.status != FIXABLE:
            raise
        return refused.sentence
    return ""


def _correctable(view: ApprovalView, name: str) -> bool:
    return name.partition(".")[0] in view.policy.correctable


async def _read(approval_id: UUID, person: Actor, state: WebState) -> tuple[ApprovalView, FormContext]:
    async with state.database.transaction(person.tenant) as session:
        view = await approval_view(session, person, approval_id, state.processes)
        return view, await form_context(session, person, view.process.input)


async def _draw(
    view: ApprovalView,
    values: dict[str, list[str]],
    context: FormContext,
    render: Renderer,
    *,
    errors: dict[str, str] | None = None,
    words: str = "",
    problem: str = "",
    focus: str = "",
) -> Response:
    form = form_view(view.process.input, values, errors or {}, context.choices, focus=focus)
    sections = [
        replace(each, fields=[one for one in each.fields if _correctable(view, one.shape.name)])
        for each in form.sections
    ]
    return await render(
        "approvals/correct.html",
        answer=FIXABLE if problem or errors else 200,
        active="approvals",
        view=view,
        form=replace(form, sections=[each for each in sections if each.fields]),
        possible=ApprovalAction.CORRECT in view.actions,
        words=words,
        problem=problem,
    )
