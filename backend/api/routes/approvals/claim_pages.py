"""Claim and release an approval, from its page or from a row of the inbox."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from backend.api.routes.approvals.inbox_position import within_list
from backend.api.routes.core.dependencies import After, State
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.approvals.assign.claim import claim, release
from backend.cases.approvals.core.locked_approval import locked_approval
from backend.kit.i18n import N_

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])


class ClaimForm(PostedForm):
    """A click on Claim or Release; `row` if it was in a row of the list."""

    row: str = ""


@router.post("/approvals/{approval_id:uuid}/claim", name="approvals:claim", dependencies=[SINGLE_FIELDS])
async def claim_approval(
    request: Request,
    approval_id: UUID,
    form: Annotated[ClaimForm, Form()],
    person: CurrentPerson,
    state: State,
    render: Render,
    after: After = "",
) -> Response:
    """Claim it."""
    async with locked_approval(state.database, state.processes, approval_id, person, share_case=True) as locked:
        await claim(locked)
        toast = N_("You claimed {title}. Other approvers can see this.").format(title=locked.case.title)
    return await render.redirect(_origin(request, approval_id, form, render, after), toast=toast)


@router.post("/approvals/{approval_id:uuid}/release", name="approvals:release", dependencies=[SINGLE_FIELDS])
async def release_approval(
    request: Request,
    approval_id: UUID,
    form: Annotated[ClaimForm, Form()],
    person: CurrentPerson,
    state: State,
    render: Render,
    after: After = "",
) -> Response:
    """Release it."""
    async with locked_approval(state.database, state.processes, approval_id, person, share_case=True) as locked:
        await release(locked)
        toast = N_("You released {title}. Other approvers can claim it.").format(title=locked.case.title)
    return await render.redirect(_origin(request, approval_id, form, render, after), toast=toast)


def _origin(request: Request, approval_id: UUID, form: ClaimForm, render: Renderer, after: str) -> str:
    """The page that the click came from: the same page of the list, or the approval in its list."""
    in_list = render.path_for("approvals:list") if form.row else ""
    return within_list(request, in_list or render.path_for("approvals:show", approval_id=approval_id), after)
