"""The first start without the demo: the page that makes the tenant and its first administrator."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import PUBLIC
from backend.api.routes.core.state import WebState
from backend.api.routes.session.start import start_session
from backend.cases.core.errors import InvalidInput
from backend.cases.people.new_person import NewPerson
from backend.cases.people.setup import (
    DEFAULT_TENANT,
    NewTenant,
    SetupKeys,
    TenantExists,
    is_set_up,
    set_up,
    time_zones,
)
from backend.i18n.language import CHOICES, current_language

router = APIRouter(prefix="/setup", tags=["setup"], dependencies=[PUBLIC])
Key = Annotated[str, Query(max_length=200)]


class SetupForm(PostedForm):
    """The organization and its first administrator."""

    key: str = ""
    organization: str = ""
    time_zone: str = ""
    language: str = ""
    name: str = ""
    id: str = ""
    email: str = ""
    password: str = ""

    def tenant(self) -> NewTenant:
        """The tenant to make."""
        return NewTenant(DEFAULT_TENANT, self.organization, self.time_zone.strip(), self.language)

    def admin(self) -> NewPerson:
        """Its first administrator."""
        return NewPerson(self.id, DEFAULT_TENANT, self.name, self.email)


@router.get("", name="setup:show")
async def show(state: State, render: Render, key: Key = "") -> Response:
    """The form, for who has the key that `up` printed; afterwards the way to sign in."""
    return await _draw(SetupForm(key=key, language=current_language()), state, render)


@router.post("", name="setup:create", dependencies=[SINGLE_FIELDS])
async def create(request: Request, form: Annotated[SetupForm, Form()], state: State, render: Render) -> Response:
    """Set Countersign up and sign the administrator in."""
    if not SetupKeys(state.settings.keys()).is_valid(form.key) or await is_set_up(state.database):
        return await _draw(form, state, render)
    try:
        person = await set_up(state.database, form.tenant(), form.admin(), form.password)
    except InvalidInput as refused:
        return await _draw(form, state, render, refused.problems)
    except TenantExists:  # somebody else was faster
        return await _draw(form, state, render)
    response = RedirectResponse(render.path_for("people:list"), 303)
    return await start_session(response, request, person.id, form.password, state)


async def _draw(
    form: SetupForm, state: WebState, render: Renderer, problems: Mapping[str, str] | None = None
) -> Response:
    done = await is_set_up(state.database)
    allowed = not done and SetupKeys(state.settings.keys()).is_valid(form.key)
    status = 422 if problems else 200 if allowed else 409 if done else 403
    response = await render(
        "setup/page.html",
        answer=status,
        done=done,
        allowed=allowed,
        form=form,
        problems=problems or {},
        time_zones=time_zones(),
        languages=CHOICES,
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response
