"""REST: cases, how far they are, what happened, recall, change and comments."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from backend.api.routes.cases.schemas import (
    AmendIn,
    CaseDetail,
    CaseOut,
    CasePage,
    CommentIn,
    CommentOut,
    JournalOut,
    ProgressOut,
    RecallIn,
)
from backend.api.routes.core.dependencies import After, AllProcesses, Db, Limit, ProcessFilter, ShortText, State
from backend.api.routes.core.json_bodies import invalid
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.schema_types import CaseStatusWord
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.cases.core.access import case_of
from backend.cases.core.comments import comment, comments_of
from backend.cases.core.form_context import form_context
from backend.cases.core.journal import journal_of
from backend.cases.lifecycle.amend import amend
from backend.cases.lifecycle.withdraw import withdraw
from backend.cases.tracking.case_list import CaseFilter, list_cases
from backend.database.tables import Case, Comment
from backend.kit.form_validation import validate
from backend.kit.money import Money

router = APIRouter(prefix="/cases", tags=["cases"], dependencies=[BEARER], responses=PROBLEMS)


def money_of(case: Case) -> Money | None:
    """The amount of a case."""
    return Money(amount=case.amount, currency=case.currency) if case.amount is not None and case.currency else None


def case_out(case: Case) -> CaseOut:
    """A case on the wire."""
    return CaseOut(**case.model_dump(exclude={"amount"}), amount=money_of(case))


def case_detail(case: Case) -> CaseDetail:
    """A case with its form on the wire."""
    return CaseDetail(**case.model_dump(exclude={"amount"}), amount=money_of(case))


@router.get("", name="api:cases:list", summary="List cases")
async def list_all(
    person: CurrentPerson,
    database: Db,
    processes: AllProcesses,
    process: ProcessFilter,
    status: CaseStatusWord | None = None,
    opened_by: ShortText = "",
    q: ShortText = "",
    after: After = "",
    limit: Limit = 50,
) -> CasePage:
    """Cases you can see, newest first. Filter by process, status, person or text; pass `next` as `after`."""
    only = CaseFilter(process=process, status=status or "", opened_by=opened_by, q=q)
    async with database.transaction(person.tenant) as session:
        page = await list_cases(session, person, processes, only, after, limit)
    return CasePage(items=[case_out(case) for case in page.items], next=page.next)


@router.get("/{reference}", name="api:cases:show", summary="Get a case")
async def show(reference: str, person: CurrentPerson, database: Db, processes: AllProcesses) -> CaseDetail:
    """The case with its form and result."""
    async with database.transaction(person.tenant) as session:
        return case_detail(await case_of(session, person, reference, processes))


@router.get(
    "/{reference}/progress", name="api:cases:progress", summary="Get the progress of a case", response_model=ProgressOut
)
async def progress(request: Request, reference: str, person: CurrentPerson, state: State) -> Response:
    """Milestones, and who the case is waiting on. Send the ETag in If-None-Match to get 304 if nothing changed."""
    case, status = await state.status_reader.read(person, reference)
    if request.headers.get("if-none-match") == status.tag:
        return Response(status_code=304, headers={"ETag": status.tag})
    out = ProgressOut(
        reference=case.reference,
        status=case.status,
        outcome=case.outcome,
        sentence=status.progress.sentence,
        milestones=status.progress.milestones,
        turn=status.progress.turn,
        actions=status.progress.actions,
        children=status.progress.children,
        as_of=status.as_of,
        stale=status.stale,
    )
    return Response(out.model_dump_json(), media_type="application/json", headers={"ETag": status.tag})


@router.get("/{reference}/journal", name="api:cases:journal", summary="List the activity of a case")
async def journal(reference: str, person: CurrentPerson, database: Db, processes: AllProcesses) -> list[JournalOut]:
    """Newest first."""
    async with database.transaction(person.tenant) as session:
        case = await case_of(session, person, reference, processes)
        return [JournalOut(**line.model_dump()) for line in await journal_of(session, case.id)]


@router.post("/{reference}/recall", name="api:cases:recall", summary="Withdraw a case")
async def take_back(
    reference: str, body: RecallIn, person: CurrentPerson, database: Db, processes: AllProcesses
) -> CaseOut:
    """Open approvals are withdrawn at once; the case ends when its workflow has reversed completed steps."""
    return case_out(await withdraw(database, processes, reference, body.reason, by=person))


@router.patch(
    "/{reference}/input",
    name="api:cases:amend",
    summary="Resubmit a case after changes were requested",
    response_model=CaseOut,
)
async def change(request: Request, reference: str, body: AmendIn, person: CurrentPerson, state: State) -> Response:
    """Creates the next version; the approval starts over."""
    async with state.database.transaction(person.tenant) as session:
        case = await case_of(session, person, reference, state.processes)
        model = state.processes[case.process].input
        context = await form_context(session, person, model)
    form, errors = validate(model, body.input, context)
    if form is None:
        return invalid(request, errors)
    changed = await amend(state.database, state.processes, reference, form, body.version, by=person)
    return JSONResponse(case_out(changed).model_dump(mode="json"))


def _comment_out(row: Comment) -> CommentOut:
    return CommentOut(at=row.at, by=row.person_id, text=row.text)


@router.post("/{reference}/comments", name="api:cases:comment", summary="Add a comment", status_code=201)
async def add_comment(
    reference: str,
    body: CommentIn,
    person: CurrentPerson,
    database: Db,
    processes: AllProcesses,
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
) -> CommentOut:
    """Visible to everyone who can see the case. With an Idempotency-Key, a retry gets the same response."""
    key = idempotency_key.strip()
    return _comment_out(await comment(database, processes, reference, body.text, by=person, key=key))


@router.get("/{reference}/comments", name="api:cases:comments", summary="List comments")
async def list_comments(
    reference: str, person: CurrentPerson, database: Db, processes: AllProcesses
) -> list[CommentOut]:
    """Oldest first."""
    async with database.transaction(person.tenant) as session:
        case = await case_of(session, person, reference, processes)
        return [_comment_out(row) for row in await comments_of(session, case.id)]
