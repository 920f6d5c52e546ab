"""Signing in and out."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.errors import send_again_page
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.form_tokens import SIGN_IN
from backend.api.routes.core.kept_input import KeptInput
from backend.api.routes.core.page_instead import local_path
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import (
    PUBLIC,
    SIGNED_IN,
    CurrentCaller,
    CurrentPerson,
    cookie_name,
)
from backend.api.routes.session.devices import origin_of, remembered_device
from backend.api.routes.session.start import set_cookies, signed_in
from backend.cases.people.display import set_language, set_theme
from backend.cases.people.setup import is_set_up
from backend.cases.people.sign_in import SignInFailed
from backend.cases.people.sign_in_limits import TooManyAttempts
from backend.i18n.language import chosen_language
from backend.kit.i18n import N_

router = APIRouter(tags=["session"])
THEMES = {"light", "dark", "auto"}
BROWSER = "auto"


class SignInForm(PostedForm):
    """The sign-in page: who signs in, the page to go to afterwards, and what was typed there before."""

    name: str = ""
    password: str = ""
    next: str = "/"
    form_token: str = ""
    kept: str = ""


class LanguageForm(PostedForm):
    """The language menu: a language or `auto`, and the page that it was on."""

    language: str = ""
    back: str = "/"


class ThemeForm(PostedForm):
    """The theme menu: a theme, and the page that it was on."""

    theme: str = ""
    back: str = "/"


@router.get("/login", name="session:new", dependencies=[PUBLIC])
async def show(state: State, render: Render, back: Annotated[str, Query(alias="next")] = "/") -> Response:
    """The page to sign in; before anybody has an account, the page that makes the first."""
    if not await is_set_up(state.database):
        return RedirectResponse(render.path_for("setup:show"), 303)
    return await render(
        "session/page.html", back=local_path(back), token=state.tokens.new(SIGN_IN), problem="", name=""
    )


@router.post("/login", name="session:create", dependencies=[PUBLIC, SINGLE_FIELDS])
async def sign_in(request: Request, form: Annotated[SignInForm, Form()], state: State, render: Render) -> Response:
    """Start a session and go to the requested page, with what was typed there before the last session ended."""
    back, token = local_path(form.next), state.tokens.new(SIGN_IN)
    again: dict[str, Any] = {"back": back, "token": token, "name": form.name, "kept": form.kept}
    if state.tokens.read(SIGN_IN, form.form_token) is None:
        again["problem"] = N_("This page has expired. Sign in again.")
        return await render("session/page.html", answer=422, **again)
    try:
        secret = await state.authenticator.sign_in(form.name, form.password, origin_of(request, form.name))
    except SignInFailed as error:
        return await render("session/page.html", answer=error.status, **again, problem=error.sentence)
    except TooManyAttempts as error:
        refused = await render("session/page.html", answer=error.status, **again, problem=error.sentence)
        refused.headers["Retry-After"] = str(error.retry_after)
        return refused
    person = await signed_in(request, secret, state)
    kept = KeptInput.read(state.tokens, form.kept)
    own = kept if kept and kept.person_id == person else None
    response = send_again_page(request, own) if own else RedirectResponse(back, 303)
    set_cookies(response, secret, remembered_device(request, person), state.settings.base_url)
    return response


@router.post("/logout", name="session:end", dependencies=[SIGNED_IN])
async def sign_out(caller: CurrentCaller, state: State) -> Response:
    """End the session at once."""
    if caller.session is not None:
        await state.authenticator.sign_out(caller.session.session_id)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(cookie_name(state.settings.base_url), path="/")
    return response


@router.post("/language", name="language:set", dependencies=[SIGNED_IN, SINGLE_FIELDS])
async def choose_language(
    form: Annotated[LanguageForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Save the language: English, German, or that of the browser."""
    language = chosen_language(form.language)
    if language or form.language == BROWSER:
        await set_language(state.database, person, language)
    return await render.redirect(local_path(form.back))


@router.post("/theme", name="theme:set", dependencies=[SIGNED_IN, SINGLE_FIELDS])
async def choose_theme(
    form: Annotated[ThemeForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Save the theme: light, dark, or that of the system."""
    if form.theme in THEMES:
        await set_theme(state.database, person, form.theme)
    return await render.redirect(local_path(form.back))
