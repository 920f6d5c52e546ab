"""Case actions as pages: the form of one action, drawn from its model, and doing it."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.forms.decoder import Decoded, decode
from backend.api.routes.core.forms.numbers import respelled
from backend.api.routes.core.forms.rows import flat, focus_after, rearranged
from backend.api.routes.core.forms.values import to_values
from backend.api.routes.core.forms.view import form_view
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.core.access import case_of
from backend.cases.core.actor import Actor
from backend.cases.core.form_context import form_context
from backend.cases.core.lookups import read_lookups
from backend.cases.lifecycle.case_actions import action_of, offer_to, take_action
from backend.database.tables import Case
from backend.kit.action import CaseAction, OfferedAction
from backend.kit.form_check import ACTION_CONTROLS
from backend.kit.forms import describe

router = APIRouter(tags=["actions"], dependencies=[SIGNED_IN])
FORM = "act"


@dataclass
class ActionSheet:
    """The form of one action on its way: what was typed, and what is wrong with it."""

    case: Case
    action: CaseAction[Any]
    offered: OfferedAction
    token: str
    values: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    focus: str = ""


@router.get("/cases/{reference}/actions/{action}", name="actions:show")
async def show(
    request: Request, reference: str, action: str, person: CurrentPerson, state: State, render: Render
) -> Response:
    """The form, filled with the current values or with those in the address."""
    sheet = await _sheet(reference, action, person, state)
    current = state.processes[sheet.case.process].input.model_validate(sheet.case.input)
    sheet.values = to_values(sheet.action.input, sheet.action.prefill(current))
    given = {name: [value] for name, value in request.query_params.multi_items()}
    sheet.values |= respelled(sheet.action.input, given)
    return await _draw(sheet, person, state, render)


@router.post("/cases/{reference}/actions/{action}", name="actions:act")
async def do(
    request: Request, reference: str, action: str, person: CurrentPerson, state: State, render: Render
) -> Response:
    """Do it once, or draw the form again with what has to be mended."""
    pairs = await pairs_of(request)
    controls = {name: value for name, value in pairs if name in ACTION_CONTROLS}
    key = state.tokens.read(FORM, controls.get("form_token", ""))
    if "act" not in controls or "restore" in controls or key is None:
        sheet = await _sheet(reference, action, person, state)
        sheet.values = rearranged(sheet.action.input, _values(sheet.action.input, pairs), controls)
        sheet.focus = focus_after(sheet.action.input, sheet.values, controls)
        return await _draw(sheet, person, state, render)
    decoded = await _check(reference, action, pairs, person, state)
    if decoded.form is None:
        sheet = await _sheet(reference, action, person, state)
        sheet.values, sheet.errors, sheet.token = decoded.values, decoded.errors, controls["form_token"]
        return await _draw(sheet, person, state, render, status=422)
    done = await take_action(state.database, state.processes, reference, action, decoded.form, key=key, by=person)
    return await render.redirect(render.path_for("cases:show", reference=reference), toast=done.sentence)


async def _sheet(reference: str, key: str, person: Actor, state: WebState) -> ActionSheet:
    async with state.database.transaction(person.tenant) as session:
        case, offer = await offer_to(session, person, reference, key, state.processes)
    return ActionSheet(case, offer.action, offer.offered, state.tokens.new(FORM))


async def _check(reference: str, key: str, pairs: list[tuple[str, str]], person: Actor, state: WebState) -> Decoded:
    """Validate what was typed, whether the action is still offered or not: the use case says that."""
    async with state.database.transaction(person.tenant) as session:
        case = await case_of(session, person, reference, state.processes)
        model = action_of(state.processes[case.process], key).input
        context = await form_context(session, person, model)
    return decode(model, flat(_values(model, pairs)), context)


def _values(model: type[BaseModel], pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in ACTION_CONTROLS:
            values.setdefault(name, []).append(value)
    return respelled(model, values)


async def _draw(sheet: ActionSheet, person: Actor, state: WebState, render: Renderer, status: int = 200) -> Response:
    model: type[BaseModel] = sheet.action.input
    async with state.database.transaction(person.tenant) as session:
        choices = await read_lookups(session, describe(model).lookups())
    form = form_view(model, sheet.values, sheet.errors, choices, focus=sheet.focus)
    return await render(
        "actions/page.html", fragment="actions/_form.html", answer=status, active="cases", sheet=sheet, form=form
    )
