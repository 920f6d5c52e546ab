"""ASGI middleware: what no handler expected is logged once and answered like any other error, with all headers."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.routes.core.errors import http_error, unexpected


class UnexpectedErrors:
    """Around routes and other middleware: the server below would log again, and answer without our headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer an error unless its response has begun."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            if begun:
                raise
            request = Request(scope, receive)
            respond = http_error if isinstance(error, HTTPException) else unexpected
            await (await respond(request, error))(scope, receive, send)
