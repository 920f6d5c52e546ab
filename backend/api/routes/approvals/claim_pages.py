"""Claim and release an approval, from its page or from a row of the inbox."""

from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.api.routes.approvals.inbox_position import wanted
from backend.api.routes.core.dependencies import After, State
from backend.api.routes.core.form_data import typed
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.approvals.assign.claim import claim, release

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])


@router.post("/approvals/{approval_id}/claim", name="approvals:claim")
async def take(
    request: Request, approval_id: UUID, person: CurrentPerson, state: State, render: Render, after: After = ""
) -> Response:
    """Say that I work on it."""
    back = await _back(request, approval_id, render, after)
    done = await claim(state.database, state.processes, approval_id, by=person)
    return await render.redirect(back, toast=f"You work on {done.case.title}. The others who are asked see that.")


@router.post("/approvals/{approval_id}/release", name="approvals:release")
async def give_back(
    request: Request, approval_id: UUID, person: CurrentPerson, state: State, render: Render, after: After = ""
) -> Response:
    """Say that I no longer do."""
    back = await _back(request, approval_id, render, after)
    done = await release(state.database, state.processes, approval_id, by=person)
    return await render.redirect(back, toast=f"Released. {done.case.title} is free for whoever takes it.")


async def _back(request: Request, approval_id: UUID, render: Renderer, after: str) -> str:
    """Where the button stood: the same page of the list, or the approval in its list."""
    parts = [wanted(request).query(), urlencode({"after": after}) if after else ""]
    query = "&".join(filter(None, parts))
    in_a_row = (await typed(request)).get("row")
    where = "approvals:list" if in_a_row else "approvals:show"
    path = render.path_for(where) if in_a_row else render.path_for(where, approval_id=approval_id)
    return f"{path}?{query}" if query else path
