"""Explain a policy: the page for anybody who may look, and the part of the start form that follows what is typed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from backend.api.routes.core.dependencies import AllProcesses, Db, OneProcess, State
from backend.api.routes.core.form_data import pairs_of
from backend.api.routes.core.forms.numbers import respelled
from backend.api.routes.core.forms.partial import as_far_as_filled
from backend.api.routes.core.forms.rows import focus_after, rearranged
from backend.api.routes.core.forms.view import form_view
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.processes.explained_form import explain_form, explanation_of
from backend.cases.approvals.request.explain import requester_named, starters
from backend.cases.core.access import case_of, may_operate, may_view, require_view
from backend.cases.core.errors import NotFound
from backend.cases.core.lookups import read_lookups
from backend.kit.form_check import EXPLAIN_CONTROLS
from backend.kit.forms import describe

router = APIRouter(tags=["explain"], dependencies=[SIGNED_IN])
Values = dict[str, list[str]]


@router.get("/approvals/policy/explain", name="policy:explain")
async def show(
    request: Request,
    person: CurrentPerson,
    processes: AllProcesses,
    database: Db,
    render: Render,
    process: Annotated[str, Query(max_length=60)] = "",
    requester: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Who would have to approve, in which order and until when, for what the address says; nothing is started."""
    asking = [each for each in processes.values() if each.steps is not None and may_view(person, each)]
    chosen = next((each for each in asking if each.key == process), asking[0] if len(asking) == 1 else None)
    if chosen is None:
        if process:
            raise NotFound(f"There is no process “{process}” that asks people, or it is not yours to look into.")
        return await render("explain/page.html", active="start", asking=asking, process=None)
    values = _typed(chosen.input, request.query_params.multi_items())
    controls = {name: value for name, value in request.query_params.multi_items() if name in EXPLAIN_CONTROLS}
    values = rearranged(chosen.input, values, controls)
    async with database.transaction(person.tenant) as session:
        who = await requester_named(session, person, chosen, requester)
        explained = await explanation_of(session, chosen, as_far_as_filled(chosen.input, values), who)
        choices = await read_lookups(session, describe(chosen.input).lookups())
        form = form_view(chosen.input, values, {}, choices, focus=focus_after(chosen.input, values, controls))
        people = await starters(session, chosen) if may_operate(person, chosen) else []
    return await render(
        "explain/page.html",
        fragment="explain/_live.html",
        active="start",
        asking=asking,
        process=chosen,
        form=form,
        explained=explained,
        people=people,
        requester=requester or person.person_id,
    )


@router.post("/processes/{process}/explain", name="start:explain")
async def follow(
    request: Request,
    process: OneProcess,
    person: CurrentPerson,
    state: State,
    render: Render,
    reference: Annotated[str, Query(alias="case", max_length=40)] = "",
) -> Response:
    """The panel of the start form, as far as the form is filled in; of the case that is being changed, if any."""
    require_view(person, process)
    values = _typed(process.input, await pairs_of(request))
    values = rearranged(process.input, values, {})
    async with state.database.transaction(person.tenant) as session:
        case = await case_of(session, person, reference, state.processes) if reference else None
        explained = await explain_form(session, process, values, person, case)
    form = form_view(process.input, values, {}, {})
    return render.fragment("start/_live.html", process=process, form=form, explained=explained, case=case)


def _typed(model: type[BaseModel], pairs: list[tuple[str, str]]) -> Values:
    values: Values = {}
    for name, value in pairs:
        if name not in EXPLAIN_CONTROLS:
            values.setdefault(name, []).append(value)
    return respelled(model, values)
