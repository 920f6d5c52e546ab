"""Groups, and what their members may do in each process, for administrators."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import ADMIN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.core.actor import Actor
from backend.cases.core.errors import InvalidInput
from backend.cases.people.groups import GroupInUse, add_group, list_groups, remove_group, rename_group
from backend.kit.i18n import N_

router = APIRouter(prefix="/groups", tags=["people"], dependencies=[ADMIN])


class GroupForm(PostedForm):
    """A group: its key, which cannot change, and its name."""

    key: str = ""
    name: str = ""


@router.get("", name="groups:list")
async def show_list(person: CurrentPerson, state: State, render: Render) -> Response:
    """All groups with their members, and the rights of each process."""
    return await _draw(person, state, render)


@router.post("", name="groups:add", dependencies=[SINGLE_FIELDS])
async def add(form: Annotated[GroupForm, Form()], person: CurrentPerson, state: State, render: Render) -> Response:
    """Add a group."""
    try:
        await add_group(state.database, form.key.strip(), form.name, tenant=person.tenant, by=person.person_id)
    except InvalidInput as refused:
        return await _draw(person, state, render, form, refused.problems)
    return await _done(render, N_("The group was added. Add members on their own pages."))


@router.post("/{key}/rename", name="groups:rename", dependencies=[SINGLE_FIELDS])
async def rename(
    key: str, form: Annotated[GroupForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Give it another name."""
    try:
        await rename_group(state.database, key, form.name, tenant=person.tenant, by=person.person_id)
    except InvalidInput as refused:
        return await _draw(person, state, render, problems={f"name-{key}": refused.problems["name"]})
    return await _done(render, N_("Saved."))


@router.post("/{key}/remove", name="groups:remove")
async def remove(key: str, person: CurrentPerson, state: State, render: Render) -> Response:
    """Remove it, if nobody and nothing needs it."""
    named = _named(state)
    try:
        await remove_group(state.database, key, named, tenant=person.tenant, by=person.person_id)
    except GroupInUse as refused:
        return await _draw(person, state, render, problems={f"name-{key}": refused.sentence})
    return await _done(render, N_("The group was removed."))


def _named(state: WebState) -> set[str]:
    """The groups that a process names in its rights."""
    return set().union(*(each.rights.all_named for each in state.processes.values()))


async def _done(render: Renderer, toast: str) -> Response:
    return await render.redirect(render.path_for("groups:list"), toast=toast)


async def _draw(
    person: Actor,
    state: WebState,
    render: Renderer,
    form: GroupForm | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    async with state.database.transaction(person.tenant) as session:
        groups = await list_groups(session)
    return await render(
        "groups/list.html",
        answer=422 if problems else 200,
        active="groups",
        groups=groups,
        names={each.id: each.name for each in groups},
        named=_named(state),
        form=form or GroupForm(),
        problems=problems or {},
    )
