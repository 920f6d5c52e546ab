"""ASGI middleware: request ids, timing, security headers on every response, HEAD, and a limit on headers."""

import secrets
import time
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.routes.core.metrics import observe

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STRICT_TRANSPORT = "max-age=31536000"
MAX_HEADER_BYTES = 32 * 1024
TOO_LARGE = PlainTextResponse(
    "The headers of this request are too large.\n", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
)


class RequestHeaders:
    """Gives each request an id and each response its headers, and measures its time.

    HEAD is answered as GET without a body; `head` in the scope marks it, so that it consumes nothing.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": STRICT_TRANSPORT} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        inner = {**scope, "request_id": f"req-{secrets.token_hex(6)}", "head": head}
        if head:
            inner["method"] = "GET"
        static = scope["path"].startswith("/static/")
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "public, max-age=31536000" if static else "no-store")
                headers["X-Request-Id"] = inner["request_id"]
                observe(inner, message["status"], time.perf_counter() - started)
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        app = TOO_LARGE if _header_bytes(scope) > MAX_HEADER_BYTES else self._app
        await app(inner, receive, send_with_headers)


def _header_bytes(scope: Scope) -> int:
    return sum(len(name) + len(value) for name, value in scope["headers"])
