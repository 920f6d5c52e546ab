"""REST: the catalogue, and opening a case."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from backend.api.routes.core.dependencies import AllProcesses, OneProcess, State
from backend.api.routes.core.errors import problem
from backend.api.routes.core.json_bodies import invalid, json_object, not_an_object
from backend.api.routes.core.paths import Paths
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.api.routes.processes.schemas import AcceptedOut, ProcessDetail, ProcessOut
from backend.cases.core.access import may_start, require_start
from backend.cases.core.actor import Actor
from backend.cases.core.files import free_files
from backend.cases.core.form_context import shared_context
from backend.cases.lifecycle.submission import Source, Submission, accepted_at
from backend.database.tables import Case
from backend.kit.form_validation import validate
from backend.kit.forms import files_in
from backend.kit.process import Process

router = APIRouter(prefix="/processes", tags=["processes"], dependencies=[BEARER])
LONGEST_WAIT = 30
NO_FILE = "There is no such file of yours, or it belongs to another case."
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,9})\b", re.IGNORECASE)


@router.get("", name="api:processes:list", summary="List processes", responses=PROBLEMS)
async def list_processes(person: CurrentPerson, processes: AllProcesses) -> list[ProcessOut]:
    """Every process, and whether you can start it."""
    return [ProcessOut(**_describe(process, person)) for process in processes.values()]


@router.get("/{process}", name="api:processes:show", summary="Get a process", responses=PROBLEMS)
async def show_process(process: OneProcess, person: CurrentPerson) -> ProcessDetail:
    """A process with the JSON Schema of its input."""
    return ProcessDetail(**_describe(process, person), input_schema=process.input.model_json_schema())


def _describe(process: Process, person: Actor) -> dict[str, Any]:
    return {
        "key": process.key,
        "title": process.title,
        "summary": process.summary,
        "usual": process.typical_duration,
        "may_start": may_start(person, process),
        "outcomes": {key: outcome.label for key, outcome in process.outcomes.items()},
    }


@router.post(
    "/{process}/cases",
    name="api:cases:open",
    summary="Open a case",
    status_code=202,
    response_model=AcceptedOut,
    responses={200: {"model": AcceptedOut, "description": "The case ended while waiting."}, **PROBLEMS},
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
    """An accepted case is stored and will run. The same key and body get the same response again.

    With `Prefer: wait=SECONDS`, at most 30, the response waits for the end of the case and is then 200 with the result.
    """
    require_start(person, process)
    if not idempotency_key.strip():
        detail = "Send an Idempotency-Key header, so that a retry opens no second case."
        return problem(request, 400, "idempotency_key_missing", detail)
    data = await json_object(request)
    if data is None:
        return not_an_object(request)
    form, errors = await _checked(state, process, data, idempotency_key, person)
    if form is None:
        return invalid(request, errors)
    opened = await state.intake.accept(Submission(process, form, source=Source.API, key=idempotency_key, by=person))
    wait = seconds_to_wait(prefer)
    case = await state.completion.wait(opened.case, wait) if wait else opened.case
    return _accepted(case, state.paths, replayed=opened.replayed, waited=wait)


async def _checked(
    state: WebState, process: Process, data: dict[str, Any], key: str, person: Actor
) -> tuple[BaseModel | None, dict[str, str]]:
    """The form, or its errors. What was accepted with this key is not judged anew: time passes before a retry."""
    context = await shared_context(state.lookups, person, process.input)
    form, errors = validate(process.input, data, context)
    files = files_in(form) if form is not None else {}
    if form is None or files:
        async with state.database.transaction(person.tenant) as session:
            at = await accepted_at(session, process, Source.API, key, person)
            free = await free_files(session, list(files.values()), person)
        if at:
            return validate(process.input, data, context.as_accepted(at))[0], errors
        errors |= {path: NO_FILE for path, each in files.items() if each not in free}
    return (None if errors else form), errors


def seconds_to_wait(prefer: str) -> int:
    """How long the caller would wait for the end (RFC 7240), at most 30 seconds; 0 without that wish."""
    wish = _WAIT.search(prefer)
    return min(int(wish[1]), LONGEST_WAIT) if wish else 0


def _accepted(case: Case, paths: Paths, *, replayed: bool, waited: int) -> Response:
    out = AcceptedOut(
        reference=case.reference,
        workflow_id=case.workflow_id,
        status=case.status,
        outcome=case.outcome,
        status_url=paths.of("api:cases:progress", reference=case.reference),
        result=case.result,
    )
    headers = {"Location": paths.of("api:cases:show", reference=case.reference)}
    if waited:
        headers["Preference-Applied"] = f"wait={waited}"
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return JSONResponse(out.model_dump(mode="json"), 200 if case.closed_at else 202, headers)
