"""Invite people, and send them a one-time link to set their password, for administrators."""

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
from backend.cases.core.errors import InvalidInput
from backend.cases.core.password_links import PasswordLinks
from backend.cases.people.administration import all_groups, list_people
from backend.cases.people.invitations import invite, send_password_link
from backend.cases.people.new_person import NewPerson
from backend.database.tables import Person
from backend.kit.i18n import N_

router = APIRouter(tags=["people"], dependencies=[ADMIN])


class InvitationForm(PostedForm):
    """A new account: its groups, and its manager (empty for none)."""

    name: str = ""
    email: str = ""
    id: str = ""
    groups: list[str] = Field(default_factory=list)
    manager: str = ""

    def person(self, tenant: str) -> NewPerson:
        """The account to add."""
        groups = tuple(dict.fromkeys(self.groups))
        return NewPerson(self.id, tenant, self.name, self.email, self.manager or None, groups)


@router.get("/invitations/new", name="invitations:new")
async def show(person: CurrentPerson, state: State, render: Render) -> Response:
    """The form."""
    return await _draw(InvitationForm(groups=["employees"]), person, state, render)


@router.post("/invitations", name="invitations:create", dependencies=[single_fields(lists=["groups"])])
async def create(
    form: Annotated[InvitationForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Add the account and email its link."""
    try:
        invited = await invite(state.database, form.person(person.tenant), by=person.person_id)
    except InvalidInput as refused:
        return await _draw(form, person, state, render, refused.problems)
    return await _sent(invited, state, render)


@router.post("/people/{person_id}/password-link", name="people:password_link")
async def send_link(person_id: str, person: CurrentPerson, state: State, render: Render) -> Response:
    """Email another link; the current password works until it is used."""
    found = await send_password_link(state.database, person_id, by=person.person_id, tenant=person.tenant)
    return await _sent(found, state, render)


async def _sent(person: Person, state: WebState, render: Renderer) -> Response:
    """To the list; without a mail server, the link is shown once so that the administrator can pass it on."""
    if state.settings.smtp_url:
        toast = N_("{name} gets an email with a link to set a password.").format(name=person.name)
        return await render.redirect(render.path_for("people:list"), toast=toast)
    link = PasswordLinks(state.settings.keys(), state.settings.base_url).url(person)
    return await render("people/link.html", active="people", one=person, link=link)


async def _draw(
    form: InvitationForm,
    person: Actor,
    state: WebState,
    render: Renderer,
    problems: Mapping[str, str] | None = None,
) -> Response:
    async with state.database.transaction(person.tenant) as session:
        people, groups = await list_people(session), await all_groups(session)
    return await render(
        "people/invite.html",
        answer=422 if problems else 200,
        active="people",
        form=form,
        problems=problems or {},
        people=people,
        groups=groups,
    )
