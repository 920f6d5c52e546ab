"""Saved filters: save, rename, delete."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from backend.api.routes.approvals.inbox_position import filter_in
from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import SIGNED_IN, CurrentPerson
from backend.cases.inbox.saved_filters import delete_filter, groups_of, rename_filter, save_filter, saved_filters
from backend.kit.i18n import N_

router = APIRouter(prefix="/approvals/filters", tags=["approvals"], dependencies=[SIGNED_IN])


class FilterForm(PostedForm):
    """The name of a filter, and the group that shares it; empty for oneself."""

    name: str = ""
    group: str = ""


@router.post("", name="filters:save", dependencies=[SINGLE_FIELDS])
async def save(
    request: Request, form: Annotated[FilterForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Save the list of the address under a name, for oneself or for a group."""
    only = filter_in(request)
    async with state.database.transaction(person.tenant) as session:
        await save_filter(session, person, form.name, only, form.group)
    where = f"{render.path_for('approvals:list')}?{only.query()}"
    return await render.redirect(where, toast=N_("Filter saved. Find it under Saved filters."))


@router.get("", name="filters:list")
async def show(person: CurrentPerson, state: State, render: Render) -> Response:
    """My filters, to rename and delete, and those that others share with me."""
    async with state.database.transaction(person.tenant) as session:
        kept, groups = await saved_filters(session, person), await groups_of(session, person)
    return await render("approvals/filters.html", active="approvals", kept=kept, groups=groups)


@router.post("/{key}/name", name="filters:rename", dependencies=[SINGLE_FIELDS])
async def rename(
    key: UUID, form: Annotated[FilterForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Give it another name."""
    async with state.database.transaction(person.tenant) as session:
        await rename_filter(session, person, key, form.name)
    return await render.redirect(render.path_for("filters:list"), toast=N_("Filter renamed."))


@router.post("/{key}/deletion", name="filters:delete")
async def delete(key: UUID, person: CurrentPerson, state: State, render: Render) -> Response:
    """Delete it."""
    async with state.database.transaction(person.tenant) as session:
        await delete_filter(session, person, key)
    return await render.redirect(render.path_for("filters:list"), toast=N_("Filter deleted."))
