"""REST: who would have to approve an input, before anything is started."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.forms.decoder import decode
from backend.api.routes.core.json_bodies import invalid, not_an_object
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.api.routes.processes.explain_schemas import ExplainedStepOut, ExplainIn, ExplanationOut
from backend.cases.approvals.request.explain import ExplainedStep, Explanation, explain, requester_named
from backend.cases.core.access import require_view
from backend.cases.core.actor import Actor
from backend.cases.core.errors import NotFound
from backend.cases.core.form_context import form_context
from backend.kit.form_check import EXPLAIN_REST_CONTROLS
from backend.kit.form_validation import validate
from backend.kit.process import Process
from backend.settings import process_plan

router = APIRouter(prefix="/approvals/policy", tags=["approvals"], dependencies=[BEARER], responses=PROBLEMS)


@router.get(
    "/explain",
    name="api:policy:explain",
    summary="Explain the approval policy",
    response_model=ExplanationOut,
)
async def explain_address(
    request: Request,
    person: CurrentPerson,
    state: State,
    process: Annotated[str, Query(max_length=60)],
    input: Annotated[str, Query(description="Input as JSON.", max_length=8000)] = "",  # noqa: A002 - its name on the wire
    requester: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Who would have to approve an input, as JSON in `input` or by form field: `items.0.quantity=1`."""
    chosen = _process(state, process)
    data: Any = json.loads(input) if _is_json(input) else None
    if not input:
        pairs = [
            (name, value) for name, value in request.query_params.multi_items() if name not in EXPLAIN_REST_CONTROLS
        ]
        async with state.database.transaction(person.tenant) as session:
            data = decode(chosen.input, pairs, await form_context(session, person, chosen.input)).data
    return await _answer(request, chosen, data, person, state, requester)


@router.post(
    "/explain",
    name="api:policy:explain_body",
    summary="Explain the approval policy for a long input",
    response_model=ExplanationOut,
)
async def explain_body(request: Request, body: ExplainIn, person: CurrentPerson, state: State) -> Response:
    """The same with the input in the body, for inputs that are too long for a URL. Nothing is changed."""
    return await _answer(request, _process(state, body.process), body.input, person, state, body.requester)


def _process(state: WebState, key: str) -> Process:
    found = state.processes.get(key)
    if found is None:
        raise NotFound(f"There is no process “{key}”.")
    return found


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


async def _answer(
    request: Request, process: Process, data: Any, person: Actor, state: WebState, requester: str
) -> Response:
    require_view(person, process)
    if not isinstance(data, dict):
        return not_an_object(request)
    async with state.database.transaction(person.tenant) as session:
        form, errors = validate(process.input, data, await form_context(session, person, process.input))
        if form is None:
            return invalid(request, errors)
        who = await requester_named(session, person, process, requester)
        found = await explain(session, process, form, process_plan(process.key, process.plan), who)
    return JSONResponse(_out(found).model_dump(mode="json"))


def _out(found: Explanation) -> ExplanationOut:
    return ExplanationOut(
        process=found.process.key,
        requester=found.requester,
        asked_at=found.asked_at,
        steps=[_step(each) for each in found.steps],
    )


def _step(found: ExplainedStep) -> ExplainedStepOut:
    step, moments = found.step, found.moments
    return ExplainedStepOut(
        step=step.key,
        label=step.label,
        question=step.question,
        because=step.because,
        found_as=found.found_as,
        rule=found.rule,
        needed=found.needed,
        veto=step.veto,
        may_answer=sorted(found.able),
        left_out=[vars(each) for each in found.left_out],
        impossible=found.impossible or None,
        working_time=step.working_time,
        due_at=moments.due_at,
        reminders=found.reminders,
        escalations=[vars(each) for each in found.escalations],
        expires_at=moments.expires_at,
        at_deadline=step.at_deadline,
        effects=list(step.effects),
    )
