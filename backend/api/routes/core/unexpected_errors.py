"""ASGI middleware: log an unexpected error once, and respond to it like any other, with all headers."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.routes.core.errors import http_error, unexpected


class UnexpectedErrors:
    """Wraps routes and other middleware: the server would log it again and respond without our headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; respond to an error unless the response has begun."""
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
