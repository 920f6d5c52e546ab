"""Signing in and out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.form_data import carried
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.form_tokens import SIGN_IN
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import PUBLIC, SIGNED_IN, CurrentCaller, CurrentPerson, cookie_name
from backend.cases.people.display import set_language, set_theme
from backend.cases.people.sign_in import SignInFailed, TooManyAttempts
from backend.i18n.language import chosen_language
from backend.kit.i18n import N_

router = APIRouter(tags=["session"])
THEMES = {"light", "dark", "auto"}
BROWSER = "auto"
Carried = Annotated[list[tuple[str, str]], Depends(carried)]


class SignInForm(PostedForm):
    """The sign-in page: who signs in, and the page to go to afterwards."""

    name: str = ""
    password: str = ""
    next: str = "/"
    form_token: str = ""


class LanguageForm(PostedForm):
    """The language menu: a language or `auto`, and the page that it was on."""

    language: str = ""
    back: str = "/"


class ThemeForm(PostedForm):
    """The theme menu: a theme, and the page that it was on."""

    theme: str = ""
    back: str = "/"


def own_path(target: str) -> str:
    """The path if it stays on this site; else home."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if inside and "\\" not in target else "/"


@router.get("/login", name="session:new", dependencies=[PUBLIC])
async def show(state: State, render: Render, back: Annotated[str, Query(alias="next")] = "/") -> Response:
    """The page to sign in."""
    return await render("session/page.html", back=own_path(back), token=state.tokens.new(SIGN_IN), problem="", name="")


@router.post("/login", name="session:create", dependencies=[PUBLIC, SINGLE_FIELDS])
async def sign_in(
    request: Request, form: Annotated[SignInForm, Form()], kept: Carried, state: State, render: Render
) -> Response:
    """Start a session and go to the requested page, with what was typed there before the last session ended."""
    back, token = own_path(form.next), state.tokens.new(SIGN_IN)
    again: dict[str, Any] = {"back": back, "token": token, "name": form.name, "carried": kept}
    if state.tokens.read(SIGN_IN, form.form_token) is None:
        again["problem"] = N_("This page has expired. Sign in again.")
        return await render("session/page.html", answer=422, **again)
    address = request.client.host if request.client else ""
    try:
        secret = await state.authenticator.sign_in(form.name, form.password, address)
    except (SignInFailed, TooManyAttempts) as error:
        return await render("session/page.html", answer=error.status, **again, problem=error.sentence)
    if again["carried"]:
        response = await _go_on(state, render, secret, again)
    else:
        response = RedirectResponse(back, 303)
    https = state.settings.base_url.startswith("https:")
    name_of_cookie = cookie_name(state.settings.base_url)
    response.set_cookie(name_of_cookie, secret, httponly=True, secure=https, samesite="lax", path="/")
    return response


async def _go_on(state: State, render: Render, secret: str, again: dict[str, Any]) -> Response:
    """Show a form again that was sent after its session had ended."""
    found = await state.authenticator.find(secret, polling=True)
    csrf = found.csrf if found else ""
    return await render("session/go_on.html", csrf_of_session=csrf, back=again["back"], carried=again["carried"])


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
    return await render.redirect(own_path(form.back))


@router.post("/theme", name="theme:set", dependencies=[SIGNED_IN, SINGLE_FIELDS])
async def choose_theme(
    form: Annotated[ThemeForm, Form()], person: CurrentPerson, state: State, render: Render
) -> Response:
    """Save the theme: light, dark, or that of the system."""
    if form.theme in THEMES:
        await set_theme(state.database, person, form.theme)
    return await render.redirect(own_path(form.back))
