"""Polls of a case's status: the same request within a second gets the same response."""

import asyncio
import time
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRESH_SECONDS = 1.0
MAX_RESPONSES = 10_000
POLLED = ("/status", "/progress")
# All that a response depends on. Two people never share one, for their credentials are part of it.
KEY_HEADERS = frozenset(
    {b"authorization", b"cookie", b"if-none-match", b"accept", b"accept-language", b"hx-request", b"hx-target"}
)

Key = tuple[str, bytes, tuple[tuple[bytes, bytes], ...]]


@dataclass
class CachedResponse:
    """One response, until when it is sent again (monotonic seconds), and what those who wait for it wait on."""

    until: float
    messages: list[Message] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    failed: Exception | None = None


class PollCache:
    """Around the whole app, so that a poll of what did not change costs a look into a dictionary.

    Measured with 50 connections that poll one case: without it, the web process sends an eighth of the responses.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._responses: dict[Key, CachedResponse] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to polls from the cache; pass everything else on."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].endswith(POLLED):
            await self._app(scope, receive, send)
            return
        headers = tuple(header for header in scope["headers"] if header[0] in KEY_HEADERS)
        key = (scope["path"], scope["query_string"], headers)
        cached = self._responses.get(key)
        if cached is None or cached.until < time.monotonic():
            cached = await self._request(key, scope, receive)
        elif not cached.ready.is_set():
            await cached.ready.wait()
        for message in cached.messages:
            await send(message)
        if cached.failed is not None:
            raise cached.failed

    async def _request(self, key: Key, scope: Scope, receive: Receive) -> CachedResponse:
        self._remove_old()
        cached = self._responses[key] = CachedResponse(until=time.monotonic() + FRESH_SECONDS)

        async def keep(message: Message) -> None:
            cached.messages.append(message)

        try:
            await self._app(scope, receive, keep)
        except Exception as error:  # noqa: BLE001 - the server logs it once for all who waited
            cached.failed = error
        finally:
            cached.until = time.monotonic() + FRESH_SECONDS
            cached.ready.set()
        return cached

    def _remove_old(self) -> None:
        if len(self._responses) < MAX_RESPONSES:
            return
        now = time.monotonic()
        self._responses = {
            key: cached for key, cached in self._responses.items() if cached.until >= now or not cached.ready.is_set()
        }
