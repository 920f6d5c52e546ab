"""My account: password, sessions and API tokens."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import SIGNED_IN, Caller, CurrentCaller
from backend.api.routes.core.state import WebState
from backend.api.routes.session.devices import origin_of
from backend.cases.core.errors import InvalidInput
from backend.cases.people.profile import change_password, end_other_sessions, sessions_of
from backend.cases.people.sign_in_limits import TooManyAttempts
from backend.cases.people.tokens import SCOPES, create_token, list_tokens, revoke_token
from backend.kit.i18n import N_, NN_
from backend.kit.text import single_line

router = APIRouter(prefix="/profile", tags=["profile"], dependencies=[SIGNED_IN])
LONGEST_NAME = 60


class ChangePasswordForm(PostedForm):
    """The current password and a new one."""

    current: str = ""
    password: str = ""


class TokenForm(PostedForm):
    """The name of a token, and `read` for read-only access."""

    token: str = ""
    scope: str = ""


@router.get("", name="profile:show")
async def show(caller: CurrentCaller, state: State, render: Render) -> Response:
    """The page."""
    return await _draw(caller, state, render)


@router.post("/password", name="profile:password", dependencies=[SINGLE_FIELDS])
async def set_password(
    request: Request, form: Annotated[ChangePasswordForm, Form()], caller: CurrentCaller, state: State, render: Render
) -> Response:
    """Change the password; other sessions end."""
    try:
        await change_password(
            state.authenticator,
            state.database,
            caller.actor,
            (form.current, form.password),
            session_id=_session_of(caller),
            origin=origin_of(request, caller.actor.person_id),
        )
    except InvalidInput as refused:
        return await _draw(caller, state, render, refused.problems)
    except TooManyAttempts as refused:
        return await _draw(caller, state, render, {"current": refused.sentence})
    return await _done(render, N_("Your password was changed. All other sessions have ended."))


@router.post("/sessions/end", name="profile:end_sessions")
async def end_sessions(caller: CurrentCaller, state: State, render: Render) -> Response:
    """End all sessions but this one."""
    ended = await end_other_sessions(state.database, caller.actor, _session_of(caller))
    return await _done(render, NN_("{count} session ended.", "{count} sessions ended.", ended).format(count=ended))


@router.post("/tokens", name="profile:add_token", dependencies=[SINGLE_FIELDS])
async def add_token(
    form: Annotated[TokenForm, Form()], caller: CurrentCaller, state: State, render: Render
) -> Response:
    """Create a token and show it this once."""
    name = single_line(form.token)
    if not name or len(name) > LONGEST_NAME or form.scope not in SCOPES:
        sentence = N_("Enter a name of up to {count} characters.").format(count=LONGEST_NAME)
        return await _draw(caller, state, render, {"token": sentence})
    person = caller.actor.person_id
    if any(each.name == name for each in await list_tokens(state.database, person)):
        return await _draw(caller, state, render, {"token": N_("You already have a token with this name.")})
    secret = await create_token(state.database, person, name, form.scope, by=person)
    response = await _draw(caller, state, render, secret=secret)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/tokens/revoke", name="profile:revoke_token", dependencies=[SINGLE_FIELDS])
async def revoke(form: Annotated[TokenForm, Form()], caller: CurrentCaller, state: State, render: Render) -> Response:
    """Revoke a token at once."""
    person = caller.actor.person_id
    await revoke_token(state.database, person, form.token, by=person)
    return await _done(render, N_("The token was revoked."))


def _session_of(caller: Caller) -> str:
    return caller.session.session_id if caller.session else ""


async def _done(render: Renderer, toast: str) -> Response:
    return await render.redirect(render.path_for("profile:show"), toast=toast)


async def _draw(
    caller: Caller, state: WebState, render: Renderer, problems: Mapping[str, str] | None = None, secret: str = ""
) -> Response:
    return await render(
        "people/profile.html",
        answer=422 if problems else 200,
        active="profile",
        sessions=await sessions_of(state.database, caller.actor),
        this=_session_of(caller),
        tokens=await list_tokens(state.database, caller.actor.person_id),
        problems=problems or {},
        secret=secret,
    )
