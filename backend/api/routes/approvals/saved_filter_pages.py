"""Filters that are kept under a name: keep, rename, delete."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.api.routes.approvals.inbox_position import wanted
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import typed
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.inbox.saved_filters import delete_filter, groups_of, rename_filter, save_filter, saved_filters

router = APIRouter(tags=["approvals"], dependencies=[SIGNED_IN])


@router.post("/approvals/filters", name="filters:save")
async def keep(request: Request, person: CurrentPerson, state: State, render: Render) -> Response:
    """Keep the list of the address under a name, for myself or for a group."""
    form, only = await typed(request), wanted(request)
    async with state.database.transaction(person.tenant) as session:
        await save_filter(session, person, form.get("name", ""), only, form.get("group", ""))
    where = f"{render.path_for('approvals:list')}?{only.query()}"
    return await render.redirect(where, toast="The filter is kept. You find it under Kept filters.")


@router.get("/approvals/filters", name="filters:list")
async def show(person: CurrentPerson, state: State, render: Render) -> Response:
    """My filters, to rename and delete, and those that others share with me."""
    async with state.database.transaction(person.tenant) as session:
        kept, groups = await saved_filters(session, person), await groups_of(session, person)
    return await render("approvals/filters.html", active="approvals", kept=kept, groups=groups)


@router.post("/approvals/filters/{key}/name", name="filters:rename")
async def rename(request: Request, key: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Give it another name."""
    form = await typed(request)
    async with state.database.transaction(person.tenant) as session:
        await rename_filter(session, person, key, form.get("name", ""))
    return await render.redirect(render.path_for("filters:list"), toast="Renamed.")


@router.post("/approvals/filters/{key}/deletion", name="filters:delete")
async def delete(key: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Forget it."""
    async with state.database.transaction(person.tenant) as session:
        await delete_filter(session, person, key)
    return await render.redirect(render.path_for("filters:list"), toast="The filter is deleted.")
