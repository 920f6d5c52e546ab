"""REST: what people may do with a running case, and doing it."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from backend.api.routes.cases.rest import case_out
from backend.api.routes.cases.schemas import ActionOut, CaseOut
from backend.api.routes.core.dependencies import AllProcesses, Db, State
from backend.api.routes.core.json_bodies import invalid, json_object, not_an_object
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.cases.core.access import case_of
from backend.cases.core.form_context import form_context
from backend.cases.lifecycle.case_actions import action_of, offers_to, take_action
from backend.kit.form_validation import validate
from backend.kit.progress import Progress

router = APIRouter(prefix="/cases", tags=["cases"], dependencies=[BEARER], responses=PROBLEMS)


@router.get("/{reference}/actions", name="api:actions:list", summary="List the available actions of a case")
async def list_offered(reference: str, person: CurrentPerson, database: Db, processes: AllProcesses) -> list[ActionOut]:
    """Each with the JSON Schema of its input. The first action taken on an `offer` closes its alternatives."""
    async with database.transaction(person.tenant) as session:
        case = await case_of(session, person, reference, processes)
    offers = offers_to(person, case, processes[case.process], Progress.model_validate(case.progress))
    return [
        ActionOut(
            **offer.offered.model_dump(),
            label=offer.action.label,
            input_schema=offer.action.input.model_json_schema(),
        )
        for offer in offers
    ]


@router.post(
    "/{reference}/actions/{action}",
    name="api:actions:act",
    summary="Perform an action on a case",
    response_model=CaseOut,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def do(
    request: Request,
    reference: str,
    action: str,
    person: CurrentPerson,
    state: State,
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """The body follows the action's `input_schema`. With an Idempotency-Key, a retry gets the same response."""
    data = await json_object(request)
    if data is None:
        return not_an_object(request)
    async with state.database.transaction(person.tenant) as session:
        case = await case_of(session, person, reference, state.processes)
        model = action_of(state.processes[case.process], action).input
        context = await form_context(session, person, model)
    given, errors = validate(model, data, context)
    if given is None:
        return invalid(request, errors)
    key = idempotency_key.strip() or str(uuid4())
    done = await take_action(state.database, state.processes, reference, action, given, key=key, by=person)
    headers = {"Idempotency-Replayed": "true"} if done.replayed else {}
    return JSONResponse(case_out(done.case).model_dump(mode="json"), headers=headers)
