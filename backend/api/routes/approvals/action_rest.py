"""REST: what people do with an approval beside deciding it. Each answers with the approval as it is afterwards."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from backend.api.routes.approvals.action_schemas import (
    AddApproverIn,
    AdviseIn,
    AnswerIn,
    AskIn,
    CorrectIn,
    DelegateIn,
    OverrideIn,
    ReassignIn,
)
from backend.api.routes.approvals.rest import detail
from backend.api.routes.approvals.schemas import ApprovalDetail
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.forms.context import form_context
from backend.api.routes.core.forms.decoder import validate
from backend.api.routes.core.json_bodies import invalid
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.approvals.assign.reassign import add_approver, reassign
from backend.cases.approvals.consult.advice import give_advice, request_advice, withdraw_advice
from backend.cases.approvals.consult.questions import answer_question, ask_question
from backend.cases.approvals.decide.correct import correct
from backend.cases.approvals.decide.override import override
from backend.cases.approvals.decide.retract import retract
from backend.cases.approvals.decide.votes import Channel
from backend.cases.approvals.detail.view import approval_view
from backend.cases.core.actor import Actor

router = APIRouter(prefix="/approvals", tags=["approvals"], dependencies=[BEARER], responses=PROBLEMS)


async def _now(approval_id: UUID, person: Actor, state: WebState) -> ApprovalDetail:
    async with state.database.transaction(person.tenant) as session:
        return detail(await approval_view(session, person, approval_id, state.processes))


@router.post("/{approval_id}/ask", name="api:approvals:ask", summary="Ask the requester a question")
async def ask(approval_id: UUID, body: AskIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """The approval stays open."""
    await ask_question(state.database, state.processes, approval_id, body.text, by=person)
    return await _now(approval_id, person, state)


@router.post("/{approval_id}/answer", name="api:approvals:answer", summary="Answer a question as the requester")
async def answer(approval_id: UUID, body: AnswerIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """Only the first answer is recorded."""
    await answer_question(state.database, state.processes, approval_id, body.question, body.text, by=person)
    return await _now(approval_id, person, state)


@router.post("/{approval_id}/delegate", name="api:approvals:delegate", summary="Request advice from a colleague")
async def ask_for_advice(approval_id: UUID, body: DelegateIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """You still decide."""
    await request_advice(state.database, state.processes, approval_id, body.to, body.note, by=person)
    return await _now(approval_id, person, state)


@router.post("/{approval_id}/advise", name="api:approvals:advise", summary="Send a recommendation")
async def recommend(approval_id: UUID, body: AdviseIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """A recommendation is not a decision."""
    await give_advice(state.database, state.processes, approval_id, body.advice, body.comment, by=person)
    return await _now(approval_id, person, state)


@router.post("/{approval_id}/take-back", name="api:approvals:take_back", summary="Withdraw a request for advice")
async def no_advice(approval_id: UUID, person: CurrentPerson, state: State) -> ApprovalDetail:
    """You no longer wait for the recommendation."""
    await withdraw_advice(state.database, state.processes, approval_id, by=person)
    return await _now(approval_id, person, state)


@router.post("/{approval_id}/reassign", name="api:approvals:reassign", summary="Reassign an approval")
async def do_reassign(approval_id: UUID, body: ReassignIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """Approvers reassign their own approval; process operators can reassign that of any approver."""
    given = (body.to, body.reason)
    await reassign(state.database, state.processes, approval_id, *given, by=person, whose=body.whose)
    return await _now(approval_id, person, state)


@router.post(
    "/{approval_id}/correct",
    name="api:approvals:correct",
    summary="Correct the request before deciding",
    response_model=ApprovalDetail,
)
async def do_correct(
    request: Request, approval_id: UUID, body: CorrectIn, person: CurrentPerson, state: State
) -> Response:
    """Only the fields that the policy names can be corrected; the previous version is kept."""
    async with state.database.transaction(person.tenant) as session:
        view = await approval_view(session, person, approval_id, state.processes)
        model = state.processes[view.case.process].input
        context = await form_context(session, person, model)
    form, errors = validate(model, view.case.input | body.input, context)
    if form is None:
        return invalid(request, errors)
    given = (form, body.version, body.reason)
    await correct(state.database, state.processes, approval_id, *given, by=person)
    return JSONResponse((await _now(approval_id, person, state)).model_dump(mode="json"))


@router.post("/{approval_id}/override", name="api:approvals:override", summary="Override the decision")
async def do_override(approval_id: UUID, body: OverrideIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """For administrators, where the policy allows it. Recorded permanently."""
    given = (body.decision, body.version, body.reason)
    await override(state.database, state.processes, approval_id, *given, by=person, channel=Channel.API)
    return await _now(approval_id, person, state)


@router.post("/{approval_id}/undo", name="api:approvals:undo", summary="Undo your decision")
async def do_undo(approval_id: UUID, person: CurrentPerson, state: State) -> ApprovalDetail:
    """Possible for a short time, and only until the next step has started."""
    await retract(state.database, state.processes, approval_id, by=person)
    return await _now(approval_id, person, state)


@router.post("/{approval_id}/add-approver", name="api:approvals:add_approver", summary="Add an approver")
async def add(approval_id: UUID, body: AddApproverIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """One more approval is then required."""
    await add_approver(state.database, state.processes, approval_id, body.person, body.reason, by=person)
    return await _now(approval_id, person, state)
