"""Polls of a case's status: the same request within a second gets the same response."""

import asyncio
import time
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.routes.core.security import SAFE_METHODS
from backend.database.notices import receive_notices

CHANNEL = "countersign_session_ended"
FRESH_SECONDS = 1.0
MAX_BYTES = 16 * 1024 * 1024
MAX_COOKIE_BYTES = 4096  # browsers keep no larger one; what is larger is not cached
POLLED = ("/status", "/progress")
# What a response depends on, besides the session.
KEY_HEADERS = (b"if-none-match", b"accept", b"accept-language", b"hx-request", b"hx-target")
KEPT = {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}


@dataclass
class CachedResponse:
    """A response, its owner, and its expiry in monotonic seconds; `ready` is set once it is complete."""

    owner: str
    until: float
    messages: list[Message] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    failed: Exception | None = None

    @property
    def size(self) -> int:
        """The bytes of its body."""
        return sum(len(message.get("body", b"")) for message in self.messages)

    @property
    def kept(self) -> bool:
        """Whether it may be cached: refusals are not."""
        return self.failed is None and bool(self.messages) and self.messages[0].get("status") in KEPT


class PollCache:
    """Around the whole app, so that a poll of what did not change costs a look into a dictionary.

    Measured with 50 connections that poll one case: without it, the web process sends an eighth of the responses. Only
    requests with a session or a token are cached, and only their successful responses; any other request of a session,
    such as signing out, ends all that was cached for it.
    """

    def __init__(self, app: ASGIApp, cookie: str, database_url: str = "") -> None:
        self._app = app
        self._cookie = f"{cookie}=".encode()
        self._database_url = database_url
        self._responses: dict[bytes, CachedResponse] = {}
        self.bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to polls from the cache; pass everything else on."""
        if scope["type"] == "lifespan" and self._database_url:
            await self._live(scope, receive, send)
            return
        owner = self._owner(scope) if scope["type"] == "http" else ""
        if not owner:
            await self._app(scope, receive, send)
        elif scope["method"] == "GET" and scope["path"].endswith(POLLED):
            await self._poll(owner, scope, receive, send)
        elif scope["method"] in SAFE_METHODS:
            await self._app(scope, receive, send)
        else:
            await self._change(owner, scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Listen for sessions that end in other web processes until the app stops."""
        listening = asyncio.create_task(receive_notices(self._database_url, CHANNEL, self.forget))
        try:
            await self._app(scope, receive, send)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _change(self, owner: str, scope: Scope, receive: Receive, send: Send) -> None:
        """A request that may change what a poll shows, or end the session: forget before its answer is sent."""

        async def forget_first(message: Message) -> None:
            self.forget(owner)
            await send(message)

        await self._app(scope, receive, forget_first)

    async def _poll(self, owner: str, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key_of(owner, scope)
        cached = self._responses.get(key)
        if cached is None or cached.until < time.monotonic():
            cached = await self._request(key, owner, scope, receive)
        elif not cached.ready.is_set():
            await cached.ready.wait()
        for message in cached.messages:
            await send(message)
        if cached.failed is not None:
            raise cached.failed

    async def _request(self, key: bytes, owner: str, scope: Scope, receive: Receive) -> CachedResponse:
        self._remove(key)
        cached = self._responses[key] = CachedResponse(owner, until=time.monotonic() + FRESH_SECONDS)

        async def keep(message: Message) -> None:
            cached.messages.append(message)

        try:
            await self._app(scope, receive, keep)
        except Exception as error:  # noqa: BLE001 - the server logs it once for all who waited
            cached.failed = error
        finally:
            self._settle(key, cached)
        return cached

    def _settle(self, key: bytes, cached: CachedResponse) -> None:
        """Cache a response, unless it must not be cached or was forgotten meanwhile."""
        cached.until = time.monotonic() + FRESH_SECONDS
        cached.ready.set()
        if self._responses.get(key) is not cached:
            return
        if not cached.kept:
            del self._responses[key]
            return
        self.bytes += cached.size
        while self.bytes > MAX_BYTES and self._remove_oldest():
            pass
        self._remove_old()

    def _remove_old(self) -> None:
        """Responses are in the order in which they were asked for, so the first fresh one ends the search."""
        now = time.monotonic()
        while (oldest := next(iter(self._responses), None)) is not None and self._responses[oldest].until < now:
            self._remove(oldest)

    def _remove_oldest(self) -> bool:
        ready = next((key for key, cached in self._responses.items() if cached.ready.is_set()), None)
        if ready is not None:
            self._remove(ready)
        return ready is not None

    def _remove(self, key: bytes) -> None:
        cached = self._responses.pop(key, None)
        if cached is not None and cached.ready.is_set():
            self.bytes -= cached.size

    def forget(self, owner: str) -> None:
        """Drop everything cached for this session or token."""
        for key in [key for key, cached in self._responses.items() if cached.owner == owner]:
            self._remove(key)

    def _owner(self, scope: Scope) -> str:
        """The id of the session or token of a request, which is its hash; empty without one."""
        for name, value in scope["headers"]:
            if name == b"authorization":
                return sha256(value.rpartition(b" ")[2]).hexdigest()
            if name == b"cookie" and len(value) <= MAX_COOKIE_BYTES:
                mine = (part.strip() for part in value.split(b";"))
                found = next((part for part in mine if part.startswith(self._cookie)), b"")
                if found:
                    return sha256(found.removeprefix(self._cookie)).hexdigest()
        return ""


def _key_of(owner: str, scope: Scope) -> bytes:
    """The hash of everything a response depends on, so that long keys cost nothing."""
    headers = [pair for pair in scope["headers"] if pair[0] in KEY_HEADERS]
    return sha256(repr((owner, scope["path"], scope["query_string"], headers)).encode()).digest()
