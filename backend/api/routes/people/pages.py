"""People: the list of accounts, and changing one, for administrators."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from pydantic import Field

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_models import PostedForm, single_fields
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import ADMIN, CurrentPerson
from backend.api.routes.core.state import WebState
from backend.cases.core.actor import Actor
from backend.cases.core.errors import InvalidInput, NotFound
from backend.cases.people.administration import (
    Changed,
    ChangeRefused,
    PersonChange,
    all_groups,
    change_person,
    list_people,
)
from backend.kit.i18n import N_, NN_

router = APIRouter(tags=["people"], dependencies=[ADMIN])


class PersonForm(PostedForm):
    """How an account should be: `active` if ticked, its groups, and its manager (empty for none)."""

    active: str | None = None
    groups: list[str] = Field(default_factory=list)
    manager: str = ""
    name: str | None = None
    email: str | None = None

    def change(self) -> PersonChange:
        """The change that the use case makes."""
        return PersonChange(self.active is not None, frozenset(self.groups), self.manager[:60], self.name, self.email)


@router.get("/people", name="people:list")
async def show_list(person: CurrentPerson, state: State, render: Render) -> Response:
    """All people of the tenant."""
    async with state.database.transaction(person.tenant) as session:
        people, groups = await list_people(session), await all_groups(session)
    names = {each.id: each.name for each in people}
    return await render("people/list.html", active="people", people=people, groups=groups, names=names)


@router.get("/people/{person_id}", name="people:show")
async def show(person_id: str, person: CurrentPerson, state: State, render: Render) -> Response:
    """One account."""
    return await _draw(person_id, person, state, render)


@router.post("/people/{person_id}", name="people:change", dependencies=[single_fields(lists=["groups"])])
async def change(
    person_id: str, form: Annotated[PersonForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Change it and reassign open approvals at once."""
    wanted = form.change()
    try:
        changed = await change_person(state.database, person_id, wanted, by=person)
    except ChangeRefused as refused:
        return await _draw(person_id, person, state, render, wanted, refused.sentence)
    except InvalidInput as refused:
        return await _draw(person_id, person, state, render, wanted, problems=refused.problems)
    return await render.redirect(render.path_for("people:list"), toast=_updated(changed))


def _updated(changed: Changed) -> str:
    if not changed.reassigned:
        return N_("{name} was updated. No approvals were reassigned.").format(name=changed.person)
    return NN_(
        "{name} was updated. {count} approval was reassigned.",
        "{name} was updated. {count} approvals were reassigned.",
        changed.reassigned,
    ).format(name=changed.person, count=changed.reassigned)


async def _draw(
    person_id: str,
    person: Actor,
    state: WebState,
    render: Renderer,
    wanted: PersonChange | None = None,
    problem: str = "",
    problems: Mapping[str, str] | None = None,
) -> Response:
    async with state.database.transaction(person.tenant) as session:
        people, groups = await list_people(session), await all_groups(session)
    one = next((each for each in people if each.id == person_id), None)
    if one is None:
        raise NotFound(N_("Person not found."))
    return await render(
        "people/page.html",
        answer=422 if problem or problems else 200,
        active="people",
        one=one,
        wanted=wanted or PersonChange(one.active, frozenset(one.groups), one.manager or "", one.name, one.email),
        people=people,
        groups=groups,
        problem=problem,
        problems=problems or {},
    )
