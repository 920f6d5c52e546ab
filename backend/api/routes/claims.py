"""Claim and release an approval, from its page or from a row of the inbox."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.approvals.claiming import claim, release

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])


@router.post("/approvals/{approval_id}/claim", name="approvals:claim")
async def take(approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Say that I work on it."""
    done = await claim(state.database, state.processes, approval_id, by=person)
    where = render.path_for("approvals:show", approval_id=approval_id)
    return await render.redirect(where, toast=f"You work on {done.case.title}. The others who are asked see that.")


@router.post("/approvals/{approval_id}/release", name="approvals:release")
async def give_back(approval_id: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Say that I no longer do."""
    done = await release(state.database, state.processes, approval_id, by=person)
    where = render.path_for("approvals:show", approval_id=approval_id)
    return await render.redirect(where, toast=f"Released. {done.case.title} is free for whoever takes it.")
