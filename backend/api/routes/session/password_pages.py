"""Set a password by the one-time link of an invitation or a reset. Only the POST uses the link up."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import PUBLIC
from backend.api.routes.core.state import WebState
from backend.api.routes.session.start import start_session
from backend.cases.core.errors import InvalidInput
from backend.cases.core.password_links import PAGE, PasswordLinks
from backend.cases.people.passwords import holder_of, set_password

router = APIRouter(prefix=PAGE, tags=["session"], dependencies=[PUBLIC])


class PasswordForm(PostedForm):
    """The new password."""

    password: str = ""


@router.get("/{token}", name="password:show")
async def show(token: str, state: State, render: Render) -> Response:
    """The page to set a password."""
    return await _draw(token, state, render)


@router.post("/{token}", name="password:set", dependencies=[SINGLE_FIELDS])
async def save(
    request: Request, token: str, form: Annotated[PasswordForm, Form()], state: State, render: Render
) -> Response:
    """Set it and sign in."""
    try:
        person = await set_password(state.database, PasswordLinks(state.settings.keys()), token, form.password)
    except InvalidInput as refused:
        return await _draw(token, state, render, refused.problems)
    return await start_session(RedirectResponse("/", 303), request, person.id, form.password, state)


async def _draw(token: str, state: WebState, render: Renderer, problems: Mapping[str, str] | None = None) -> Response:
    person = await holder_of(state.database, PasswordLinks(state.settings.keys()), token)
    response = await render(
        "session/password.html", answer=422 if problems else 200, holder=person, token=token, problems=problems or {}
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response
