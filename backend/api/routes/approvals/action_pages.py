"""Approval actions other than deciding: a page for each action, and the requester's answer to a question."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import Response

from backend.api.routes.approvals.action_forms import SHEETS, ActionForm, Sheet
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.approvals.consult.questions import answer_question
from backend.cases.approvals.core.locked_approval import locked_approval
from backend.cases.approvals.detail.view import approval_view
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError
from backend.cases.people.search import find_people
from backend.kit.i18n import N_

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])
FIXABLE = frozenset({404, 422})
Page = Callable[..., Awaitable[Response]]


def _show(sheet: Sheet) -> Page:
    async def show(approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
        """Explain the action before it is taken."""
        return await _draw(sheet, approval_id, ActionForm(), person, state, render)

    return show


def _take(sheet: Sheet) -> Page:
    async def take(
        approval_id: UUID, form: Annotated[ActionForm, Form()], person: CurrentPerson, state: State, render: Render
    ) -> Response:
        """Take the action, or search for people first."""
        if form.find or form.restore:
            return await _draw(sheet, approval_id, form, person, state, render)
        try:
            async with locked_approval(state.database, state.processes, approval_id, person) as locked:
                toast = await sheet.perform(locked, form)
        except CaseError as refused:
            if refused.status not in FIXABLE:
                raise
            return await _draw(sheet, approval_id, form, person, state, render, refused.sentence)
        return await render.redirect(render.path_for("approvals:show", approval_id=approval_id), toast=toast)

    return take


for _sheet in SHEETS.values():
    _path, _name = f"/approvals/{{approval_id:uuid}}/{_sheet.action}", f"approvals:{_sheet.action}"
    router.add_api_route(_path, _show(_sheet), methods=["GET"], name=_name)
    router.add_api_route(_path, _take(_sheet), methods=["POST"], name=_name, dependencies=[SINGLE_FIELDS])


async def _draw(
    sheet: Sheet,
    approval_id: UUID,
    form: ActionForm,
    person: Actor,
    state: WebState,
    render: Renderer,
    problem: str = "",
) -> Response:
    async with state.database.transaction(person.tenant) as session:
        view = await approval_view(session, person, approval_id, state.processes)
        found = await find_people(session, form.q, {*view.able, *view.policy.excluded, person.person_id})
    return await render(
        "approvals/act.html",
        fragment="approvals/_people.html",
        answer=422 if problem else 200,
        active="approvals",
        view=view,
        sheet=sheet,
        form=form,
        found=found,
        problem=problem,
    )


class QuestionForm(PostedForm):
    """The requester's answer."""

    answer: str = ""


@router.post(
    "/approvals/{approval_id:uuid}/questions/{question_id:uuid}",
    name="questions:answer",
    dependencies=[SINGLE_FIELDS],
)
async def answer(
    approval_id: UUID,
    question_id: UUID,
    form: Annotated[QuestionForm, Form()],
    person: CurrentPerson,
    state: State,
    render: Render,
) -> Response:
    """Answer a question as the requester, on the page of the case."""
    async with locked_approval(state.database, state.processes, approval_id, person) as locked:
        await answer_question(locked, question_id, form.answer)
        reference = locked.case.reference
    where = render.path_for("cases:show", reference=reference)
    return await render.redirect(f"{where}#questions", toast=N_("Your answer was sent to the approvers."))
