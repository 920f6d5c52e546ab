"""REST: the catalogue, and opening a case."""

import asyncio
import re
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from backend.api.routes.core.dependencies import AllProcesses, OneProcess, State
from backend.api.routes.core.errors import problem
from backend.api.routes.core.forms.decoder import validate
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.api.routes.rest.bodies import invalid, json_object, no_object
from backend.api.routes.rest.problems import PROBLEMS
from backend.api.routes.start import form_context
from backend.api.schemas import AcceptedOut, ProcessDetail, ProcessOut
from backend.cases.access import may_start, require_start
from backend.cases.actor import Actor
from backend.cases.opening import Source, open_case
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.process import Process

router = APIRouter(prefix="/processes", tags=["processes"], dependencies=[BEARER])
LONGEST_WAIT = 30.0
LOOK_EVERY = timedelta(milliseconds=100)
_WAIT = re.compile(r"\bwait=(\d{1,4})\b")


@router.get("", name="api:processes:list", summary="The catalogue")
async def list_processes(person: CurrentPerson, processes: AllProcesses) -> list[ProcessOut]:
    """Every process, and whether you may start it."""
    return [ProcessOut(**_describe(process, person)) for process in processes.values()]


@router.get("/{process}", name="api:processes:show", summary="One process", responses=PROBLEMS)
async def show_process(process: OneProcess, person: CurrentPerson) -> ProcessDetail:
    """A process with the JSON Schema of its input."""
    return ProcessDetail(**_describe(process, person), input_schema=process.input.model_json_schema())


def _describe(process: Process, person: Actor) -> dict[str, Any]:
    return {
        "key": process.key,
        "title": process.title,
        "summary": process.summary,
        "usual": process.usual,
        "may_start": may_start(person, process),
        "outcomes": {key: outcome.label for key, outcome in process.outcomes.items()},
    }


@router.post(
    "/{process}/cases",
    name="api:cases:open",
    summary="Open a case",
    status_code=202,
    response_model=AcceptedOut,
    responses={200: {"model": AcceptedOut, "description": "It ended within the wait."}, **PROBLEMS},
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def open_one(
    request: Request,
    process: OneProcess,
    person: CurrentPerson,
    state: State,
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
    prefer: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """Accepted means: it is stored and will run. The same key and body get the same answer again."""
    require_start(person, process)
    if not idempotency_key.strip():
        detail = "Send an Idempotency-Key header, so that a retry opens no second case."
        return problem(request, 400, "idempotency_key_missing", detail)
    data = await json_object(request)
    if data is None:
        return no_object(request)
    async with state.database.transaction(person.tenant) as session:
        form, errors = validate(process.input, data, await form_context(session, person))
        if form is None:
            return invalid(request, errors)
        opened = await open_case(session, process, form, source=Source.API, key=idempotency_key, by=person)
    waited = _WAIT.search(prefer)
    case = opened.case
    if waited:
        case = await _ended(state.database, case, min(float(waited[1]), LONGEST_WAIT))
    return _accepted(case, replayed=opened.replayed)


async def _ended(database: Database, case: Case, seconds: float) -> Case:
    """The case as it is when it ends, or after the wait."""
    deadline = asyncio.get_running_loop().time() + seconds
    while case.closed_at is None and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(LOOK_EVERY.total_seconds())
        async with database.transaction(case.tenant_id) as session:
            case = await session.get_one(Case, case.id)
    return case


def _accepted(case: Case, *, replayed: bool) -> Response:
    status_url = f"/api/v1/cases/{case.reference}/progress"
    out = AcceptedOut(
        reference=case.reference,
        workflow_id=case.workflow_id,
        status=case.status,
        outcome=case.outcome,
        status_url=status_url,
        result=case.result,
    )
    headers = {"Location": f"/api/v1/cases/{case.reference}"}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return JSONResponse(out.model_dump(mode="json"), 200 if case.closed_at else 202, headers)
