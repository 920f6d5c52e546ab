"""REST: the approval actions other than deciding. Each returns the approval as it is afterwards."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from backend.api.routes.approvals.action_schemas import (
    AddApproverIn,
    AdviseIn,
    AnswerIn,
    AskIn,
    CorrectIn,
    OverrideIn,
    ReassignIn,
    RequestAdviceIn,
)
from backend.api.routes.approvals.rest import detail
from backend.api.routes.approvals.schemas import ApprovalDetail
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.json_bodies import invalid
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.security import BEARER, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.approvals.assign.reassign import add_approver, reassign
from backend.cases.approvals.consult.advice import give_advice, request_advice, withdraw_advice
from backend.cases.approvals.consult.questions import answer_question, ask_question
from backend.cases.approvals.core.locked_approval import LockedApproval, locked_approval
from backend.cases.approvals.decide.correct import correct
from backend.cases.approvals.decide.decision import Channel, Decision
from backend.cases.approvals.decide.override import override
from backend.cases.approvals.decide.retract import retract
from backend.cases.approvals.detail.view import approval_view, view_of
from backend.cases.core.actor import Actor
from backend.cases.core.form_context import form_context
from backend.kit.form_validation import validate

router = APIRouter(prefix="/approvals", tags=["approvals"], dependencies=[BEARER], responses=PROBLEMS)


async def _take(
    approval_id: UUID, person: Actor, state: WebState, action: Callable[[LockedApproval], Awaitable[object]]
) -> ApprovalDetail:
    """Take the action and return the approval, in one transaction."""
    async with locked_approval(state.database, state.processes, approval_id, person) as locked:
        await action(locked)
        return detail(await view_of(locked))


@router.post("/{approval_id}/ask", name="api:approvals:ask", summary="Ask the requester a question")
async def ask(approval_id: UUID, body: AskIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """The approval stays open."""
    return await _take(approval_id, person, state, lambda locked: ask_question(locked, body.text))


@router.post("/{approval_id}/answer", name="api:approvals:answer", summary="Answer a question as the requester")
async def answer(approval_id: UUID, body: AnswerIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """Only the first answer is recorded."""
    return await _take(approval_id, person, state, lambda locked: answer_question(locked, body.question, body.text))


@router.post("/{approval_id}/delegate", name="api:approvals:delegate", summary="Request advice from a colleague")
async def ask_for_advice(
    approval_id: UUID, body: RequestAdviceIn, person: CurrentPerson, state: State
) -> ApprovalDetail:
    """You still decide."""
    return await _take(approval_id, person, state, lambda locked: request_advice(locked, body.to, body.note))


@router.post("/{approval_id}/advise", name="api:approvals:advise", summary="Send a recommendation")
async def recommend(approval_id: UUID, body: AdviseIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """A recommendation is not a decision."""
    return await _take(approval_id, person, state, lambda locked: give_advice(locked, body.advice, body.comment))


@router.post("/{approval_id}/take-back", name="api:approvals:take_back", summary="Withdraw a request for advice")
async def no_advice(approval_id: UUID, person: CurrentPerson, state: State) -> ApprovalDetail:
    """You no longer wait for the recommendation."""
    return await _take(approval_id, person, state, withdraw_advice)


@router.post("/{approval_id}/reassign", name="api:approvals:reassign", summary="Reassign an approval")
async def do_reassign(approval_id: UUID, body: ReassignIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """Approvers reassign their own approval; process operators can reassign that of any approver."""
    given = {"to": body.to, "reason": body.reason, "whose": body.whose}
    return await _take(approval_id, person, state, lambda locked: reassign(locked, **given))


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
        view = await approval_view(session, person, approval_id, state.processes, papers=False)
        context = await form_context(session, person, view.process.input)
    form, errors = validate(view.process.input, view.case.input | body.input, context)
    if form is None:
        return invalid(request, errors)
    corrected = await _take(approval_id, person, state, lambda locked: correct(locked, form, body.version, body.reason))
    return JSONResponse(corrected.model_dump(mode="json"))


@router.post("/{approval_id}/override", name="api:approvals:override", summary="Override the decision")
async def do_override(approval_id: UUID, body: OverrideIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """For administrators, where the policy allows it. Recorded permanently."""
    decision = Decision(kind=body.decision, version=body.version, comment=body.reason, channel=Channel.API)
    return await _take(approval_id, person, state, lambda locked: override(locked, decision))


@router.post("/{approval_id}/undo", name="api:approvals:undo", summary="Undo your decision")
async def do_undo(approval_id: UUID, person: CurrentPerson, state: State) -> ApprovalDetail:
    """Possible for a short time, and only until the next step has started."""
    return await _take(approval_id, person, state, retract)


@router.post("/{approval_id}/add-approver", name="api:approvals:add_approver", summary="Add an approver")
async def add(approval_id: UUID, body: AddApproverIn, person: CurrentPerson, state: State) -> ApprovalDetail:
    """One more approval is then required."""
    return await _take(approval_id, person, state, lambda locked: add_approver(locked, body.person, body.reason))
