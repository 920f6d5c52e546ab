"""Access policies: every route declares one, and it is checked before the route runs."""

import contextlib
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from backend.api.routes.core.form_data import form_of
from backend.api.routes.core.language import speak_to
from backend.api.routes.core.live import is_poll
from backend.api.routes.core.state import web_state
from backend.cases.core.access import may_operate
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError, NotAllowed, NotFound
from backend.cases.people.sign_in import SignedIn
from backend.database.errors import DatabaseAway
from backend.kit.i18n import N_

COOKIE = "countersign"
SECURE_COOKIE = "__Host-countersign"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Policy(StrEnum):
    """Who can call a route."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    BEARER = "bearer"
    OPERATOR = "operator"
    ADMIN = "admin"
    MONITOR = "monitor"


class NotSignedIn(CaseError):
    """Sign in to continue."""

    status = 401
    code = "not_signed_in"


class ForgedRequest(CaseError):
    """This page has expired, or the request came from another site. Nothing was changed."""

    status = 403
    code = "csrf"


class OutdatedForm(ForgedRequest):
    """You signed in again since this page was opened. Nothing was changed."""


@dataclass(frozen=True)
class Caller:
    """Who made the request, and their session if it came from a browser."""

    actor: Actor
    session: SignedIn | None = None


def cookie_name(base_url: str) -> str:
    """Over https, the `__Host-` prefix makes the browser keep the cookie to this host."""
    return SECURE_COOKIE if base_url.startswith("https:") else COOKIE


async def _public(request: Request) -> None:
    """Anyone; forms must still come from our own pages."""
    if request.method not in SAFE_METHODS:
        check_origin(request)


async def _signed_in(request: Request) -> Caller:
    state = web_state(request)
    secret = request.cookies.get(cookie_name(state.settings.base_url), "")
    part = request.headers.get("hx-request-type", "") == "partial"
    passive = is_poll(request) or request.scope.get("head", False)
    found = await state.authenticator.find(secret, polling=passive, part=part) if secret else None
    if found is None:
        raise NotSignedIn
    caller = Caller(found.actor, found)
    request.state.caller = caller
    speak_to(found.actor, request)
    if request.method not in SAFE_METHODS:
        await check_csrf(request, found)
    return caller


async def identify(request: Request) -> None:
    """Identify the caller of a request that no route handled, so that error pages show the menu."""
    state = web_state(request)
    secret = request.cookies.get(cookie_name(state.settings.base_url), "")
    with contextlib.suppress(DatabaseAway):
        found = await state.authenticator.find(secret, polling=True) if secret else None
        if found is not None:
            request.state.caller = Caller(found.actor, found)
            speak_to(found.actor, request)


async def _bearer(request: Request) -> Caller:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return await _signed_in(request)
    actor = await web_state(request).authenticator.bearer(secret)
    if actor is None:
        raise NotSignedIn(N_("This token is unknown or has been revoked."))
    if actor.scope == "read" and request.method not in SAFE_METHODS:
        raise NotAllowed(N_("This token is read-only."))
    request.state.caller = Caller(actor)
    return Caller(actor)


async def _operator(request: Request) -> Caller:
    request.state.privileged = True
    has_token = "authorization" in request.headers
    caller = await (_bearer(request) if has_token else _signed_in(request))
    processes = web_state(request).processes.values()
    if not any(may_operate(caller.actor, process) for process in processes):
        raise NotFound
    return caller


async def _monitor(request: Request) -> Caller | None:
    """The monitoring system with its own token, which sees all tenants; or an operator."""
    token = web_state(request).settings.metrics_token.get_secret_value()
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token and secrets.compare_digest(given.encode(), token.encode()):
        return None
    return await _operator(request)


async def _admin(request: Request) -> Caller:
    request.state.privileged = True
    caller = await _bearer(request)
    if not caller.actor.is_admin:
        raise NotFound
    return caller


def check_origin(request: Request) -> None:
    """ForgedRequest if the browser reports that another site sent the request."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    own = {f"{request.url.scheme}://{request.url.netloc}", web_state(request).settings.base_url.rstrip("/")}
    if site not in {"same-origin", "none"} or (origin is not None and origin not in own):
        raise ForgedRequest


async def check_csrf(request: Request, signed_in: SignedIn) -> None:
    """An unsafe request needs our origin and the session's CSRF token, in a field or a header.

    OutdatedForm if the token is of an earlier session of the same person, else ForgedRequest.
    """
    check_origin(request)
    token = request.headers.get("x-csrf-token", "")
    kind = request.headers.get("content-type", "").partition(";")[0]
    if not token and kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        form = await form_of(request)
        values = form.getlist("csrf_token")
        token = str(values[0]) if len(values) == 1 else ""
    if secrets.compare_digest(token.encode(), signed_in.csrf.encode()):
        return
    of_same_person = web_state(request).tokens.person_of_csrf(token) == signed_in.actor.person_id
    raise OutdatedForm if of_same_person else ForgedRequest


CHECKS: dict[Policy, Callable[[Request], Awaitable[Caller | None]]] = {
    Policy.PUBLIC: _public,
    Policy.SIGNED_IN: _signed_in,
    Policy.BEARER: _bearer,
    Policy.OPERATOR: _operator,
    Policy.ADMIN: _admin,
    Policy.MONITOR: _monitor,
}
_POLICY_OF = {check: policy for policy, check in CHECKS.items()}

PUBLIC = Depends(_public)
SIGNED_IN = Depends(_signed_in)
BEARER = Depends(_bearer)
OPERATOR = Depends(_operator)
ADMIN = Depends(_admin)
MONITOR = Depends(_monitor)


async def _caller(request: Request) -> Caller:
    found: Caller = request.state.caller
    return found


async def _actor(caller: Annotated[Caller, Depends(_caller)]) -> Actor:
    return caller.actor


CurrentCaller = Annotated[Caller, Depends(_caller)]
CurrentPerson = Annotated[Actor, Depends(_actor)]


class UndeclaredPolicy(Exception):
    """A route declares no policy, so the app does not start."""


@dataclass(frozen=True)
class DeclaredRoute:
    """One route as `countersign routes` lists it."""

    method: str
    path: str
    name: str
    policy: Policy

    @property
    def csrf(self) -> str:
        """The CSRF protection: none needed, by origin, or by origin and token."""
        if self.method in SAFE_METHODS:
            return "safe"
        return "origin" if self.policy is Policy.PUBLIC else "token"


def declared_routes(app: FastAPI) -> Iterator[DeclaredRoute]:
    """Every route with its policy; UndeclaredPolicy for one without."""
    for route in iter_route_contexts(app.routes):
        if not isinstance(route.original_route, APIRoute):
            continue
        policy = _policy(route.dependant)
        if policy is None:
            raise UndeclaredPolicy(f"{route.path} ({route.name}) declares no policy.")
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield DeclaredRoute(method, route.path or "", route.name or "", policy)


def _policy(dependant: Dependant) -> Policy | None:
    for needed in dependant.dependencies:
        if needed.call in _POLICY_OF:
            return _POLICY_OF[needed.call]
    return None
