"""ASGI middleware for what clients send: a limit on the size of bodies, clients that leave, and strict JSON."""

import json
import logging
import re
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.routes.core.errors import problem
from backend.api.routes.core.paths import API
from backend.api.routes.core.security import SAFE_METHODS
from backend.kit.i18n import N_

log = logging.getLogger(__name__)
FORM = b"application/x-www-form-urlencoded"
FILES = b"multipart/form-data"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class ClientLeft(BaseException):
    """The client closed the connection before its request was complete.

    No `Exception`, because the framework would answer that, and nobody is there to read the answer.
    """


class BodyLimit:
    """Refuses too large bodies while they are received: 413 before anything is stored."""

    def __init__(self, app: ASGIApp, *, limit: int, form_limit: int, upload_limit: int) -> None:
        self._app = app
        self._limit = limit
        self._form_limit = form_limit
        self._upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the bytes received, and end quietly when the client leaves before it sent all of them."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope)
        received, complete = 0, False

        async def receive_counted() -> Message:
            nonlocal received, complete
            message = await receive()
            if message["type"] == "http.disconnect" and not complete:
                raise ClientLeft
            received += len(message.get("body", b""))
            complete = complete or not message.get("more_body", False)
            if received > limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        try:
            await self._app(scope, receive_counted, send)
        except ClientLeft:
            log.debug("client left before its request was complete: %s %s", scope["method"], scope["request_id"])

    def _limit_of(self, scope: Scope) -> int:
        kind = dict(scope["headers"]).get(b"content-type", b"")
        if kind.startswith(FILES):
            return self._upload_limit
        return self._form_limit if kind.startswith(FORM) else self._limit


class NotStrictJson(ValueError):
    """JSON that different readers would read differently, or that cannot be stored."""


class StrictJson:
    """Refuses JSON bodies with duplicate keys, lone surrogates, NaN or infinity at any depth.

    What is no JSON at all is left to the routes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, check it, and pass it on."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        if dict(scope["headers"]).get(b"content-type", b"").startswith(FILES):
            await self._app(scope, receive, send)
            return
        body = await _whole_body(receive)
        fault = _fault_in(body)
        if fault:
            request = Request(scope, receive)
            await problem(request, 422, "validation_failed", fault, errors=[])(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)


async def _whole_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _fault_in(body: bytes) -> str:
    """Why this JSON is ambiguous or cannot be stored; empty if it is fine."""
    try:
        data = json.loads(body, object_pairs_hook=_object, parse_constant=_constant)
        if _SURROGATE.search(body):
            json.dumps(data, ensure_ascii=False).encode()
    except NotStrictJson as error:
        return str(error)
    except UnicodeEncodeError:
        return N_("The text contains half of a character (a lone surrogate). Nothing was changed.")
    except (ValueError, RecursionError):
        return ""
    return ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise NotStrictJson(N_("The key “{name}” occurs twice in one object.").format(name=name[:60]))
        found[name] = value
    return found


def _constant(name: str) -> None:
    raise NotStrictJson(N_("{number} is not a number in JSON.").format(number=name))
