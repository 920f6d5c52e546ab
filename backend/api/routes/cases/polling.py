"""Polls of a case's status: whoever asks again within a second gets the same answer again."""

import asyncio
import time
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRESH_SECONDS = 1.0
MOST_KEPT = 10_000
POLLED = ("/status", "/progress")
# All that an answer depends on. Two people never share one, for their credentials are part of it.
TELLING = frozenset(
    {b"authorization", b"cookie", b"if-none-match", b"accept", b"accept-language", b"hx-request", b"hx-target"}
)

Key = tuple[str, bytes, tuple[tuple[bytes, bytes], ...]]


@dataclass
class Kept:
    """One answer, until when it is given again (monotonic seconds), and who waits for it to come."""

    until: float
    messages: list[Message] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    failed: Exception | None = None


class OneAnswerASecond:
    """Around the whole app, so that a poll that changed nothing costs a look into a table and no more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[Key, Kept] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer polls from what is kept; pass everything else on."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].endswith(POLLED):
            await self._app(scope, receive, send)
            return
        telling = tuple(header for header in scope["headers"] if header[0] in TELLING)
        key = (scope["path"], scope["query_string"], telling)
        kept = self._kept.get(key)
        if kept is None or kept.until < time.monotonic():
            kept = await self._ask(key, scope, receive)
        elif not kept.ready.is_set():
            await kept.ready.wait()
        for message in kept.messages:
            await send(message)
        if kept.failed is not None:
            raise kept.failed

    async def _ask(self, key: Key, scope: Scope, receive: Receive) -> Kept:
        self._forget_old()
        kept = self._kept[key] = Kept(until=time.monotonic() + FRESH_SECONDS)

        async def keep(message: Message) -> None:
            kept.messages.append(message)

        try:
            await self._app(scope, receive, keep)
        except Exception as error:  # noqa: BLE001 - the server logs it, for everybody who waited
            kept.failed = error
        finally:
            kept.until = time.monotonic() + FRESH_SECONDS
            kept.ready.set()
        return kept

    def _forget_old(self) -> None:
        if len(self._kept) < MOST_KEPT:
            return
        now = time.monotonic()
        self._kept = {key: kept for key, kept in self._kept.items() if kept.until >= now or not kept.ready.is_set()}
