"""What people do with an approval beside deciding it: a small page for each act, and the requester's answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from backend.api.routes.approvals.action_forms import SHEETS, perform
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import typed
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.approvals.consult.questions import answer_question
from backend.cases.approvals.detail.available_actions import ApprovalAction
from backend.cases.approvals.detail.view import approval_view
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError
from backend.cases.people.search import find_people

router = APIRouter(tags=["acts"], dependencies=[SIGNED_IN])
OneAct = Annotated[ApprovalAction, Path()]
MENDABLE = frozenset({404, 422})


@router.get("/approvals/{approval_id}/{act}", name="acts:show")
async def show(approval_id: UUID, act: OneAct, person: CurrentPerson, state: State, render: Render) -> Response:
    """What the act does, before it is done."""
    return await _draw(approval_id, act, {}, person, state, render)


@router.post("/approvals/{approval_id}/{act}", name="acts:do")
async def do(
    request: Request, approval_id: UUID, act: OneAct, person: CurrentPerson, state: State, render: Render
) -> Response:
    """Do it, or look for people first."""
    form = await typed(request)
    if "find" in form or "restore" in form:
        return await _draw(approval_id, act, form, person, state, render)
    try:
        toast = await perform(act, state, approval_id, form, person)
    except CaseError as refused:
        if refused.status not in MENDABLE:
            raise
        return await _draw(approval_id, act, form, person, state, render, refused.sentence)
    return await render.redirect(render.path_for("approvals:show", approval_id=approval_id), toast=toast)


async def _draw(
    approval_id: UUID,
    act: ApprovalAction,
    form: dict[str, str],
    person: Actor,
    state: WebState,
    render: Renderer,
    problem: str = "",
) -> Response:
    async with state.database.transaction(person.tenant) as session:
        view = await approval_view(session, person, approval_id, state.processes)
        found = await find_people(session, form.get("q", ""), {*view.able, *view.policy.excluded, person.person_id})
    return await render(
        "approvals/act.html",
        fragment="approvals/_people.html",
        answer=422 if problem else 200,
        active="approvals",
        view=view,
        sheet=SHEETS[act],
        form=form,
        found=found,
        problem=problem,
    )


@router.post("/approvals/{approval_id}/questions/{question_id}", name="questions:answer")
async def answer(
    request: Request, approval_id: UUID, question_id: UUID, person: CurrentPerson, state: State, render: Render
) -> Response:
    """The requester answers, on the page of the case."""
    form = await typed(request)
    text = form.get("answer", "")
    await answer_question(state.database, state.processes, approval_id, question_id, text, by=person)
    async with state.database.transaction(person.tenant) as session:
        view = await approval_view(session, person, approval_id, state.processes)
    where = render.path_for("cases:show", reference=view.case.reference)
    return await render.redirect(f"{where}#questions", toast="Your answer is with the approvers.")
