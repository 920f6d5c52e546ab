"""Start the session of somebody who has just proved who they are."""

from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import Response

from backend.api.routes.core.language import speak_to
from backend.api.routes.core.security import Caller, NotSignedIn, cookie_name
from backend.api.routes.core.state import WebState
from backend.api.routes.session.devices import DEVICE_AGE, device_cookie, origin_of, remembered_device

AnyResponse = TypeVar("AnyResponse", bound=Response)


async def start_session(
    response: AnyResponse, request: Request, name: str, password: str, state: WebState
) -> AnyResponse:
    """Sign in, and have the response carry the cookies. SignInFailed or TooManyAttempts otherwise."""
    secret = await state.authenticator.sign_in(name, password, origin_of(request, name))
    person = await signed_in(request, secret, state)
    set_cookies(response, secret, remembered_device(request, person), state.settings.base_url)
    return response


async def signed_in(request: Request, secret: str, state: WebState) -> str:
    """Answer this request as the person who just signed in; who that is."""
    found = await state.authenticator.find(secret, polling=True)
    if found is None:
        raise NotSignedIn
    request.state.caller = Caller(found.actor, found)
    speak_to(found.actor, request)
    return found.actor.person_id


def set_cookies(response: Response, secret: str, device: str, base_url: str) -> None:
    """The session, until the browser closes; and that this device was used by this person."""
    flags: dict[str, Any] = {"httponly": True, "secure": base_url.startswith("https:"), "samesite": "lax", "path": "/"}
    response.set_cookie(cookie_name(base_url), secret, **flags)
    response.set_cookie(device_cookie(base_url), device, max_age=int(DEVICE_AGE.total_seconds()), **flags)
