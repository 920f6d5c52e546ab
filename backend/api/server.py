"""The connections of a web process: those that are slow, oversized or too many are closed."""

import asyncio
import ipaddress
from collections import Counter
from http import HTTPStatus
from typing import Any, ClassVar

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from backend.api.main import create_app
from backend.api.routes.cases.polling import PollCache
from backend.api.routes.core.middleware import MAX_HEADER_BYTES
from backend.api.routes.core.security import cookie_name
from backend.settings import Settings

GRACE_SECONDS = 20.0  # for the headers and the body of a request that hardly arrive
SLOWEST_BYTES = 4096  # a second, which every request may take in addition
LOOK_SECONDS = 5.0
SHARE_OF_ADDRESS = 4  # one address may have a quarter of all connections
# Longer than proxies keep an idle connection (nginx: 60 s): they close it, never we while a request is on its way.
KEEP_ALIVE_SECONDS = 75


class Connection(HttpToolsProtocol):
    """One connection, which is closed when its request does not arrive, or its headers are too large."""

    max_connections = 2000
    trusted: tuple[str, ...] = ()
    grace = GRACE_SECONDS
    look = LOOK_SECONDS
    peers: ClassVar[Counter[str]] = Counter()

    # The time since which the server waits for this request to be complete; None while it waits for none.
    _since: float | None = None
    _received = 0
    _in_head = True
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection, unless there are too many."""
        super().connection_made(transport)
        self.peers[self._address] += 1
        if self._too_many():
            transport.close()
            return
        self._expect()
        self._timer = self.loop.call_later(self.look, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking at it."""
        if self._timer is not None:
            self._timer.cancel()
        self.peers[self._address] -= 1
        if not self.peers[self._address]:
            del self.peers[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what arrives of a request; refuse headers that do not end."""
        self._received += len(data)
        super().data_received(data)
        if self._since is not None and self._in_head and self._received > 2 * MAX_HEADER_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins, maybe one of many on this connection."""
        super().on_message_begin()
        if self._since is None:
            self._expect()

    def on_headers_complete(self) -> None:
        """The body follows, if there is one."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is complete: from now on the client waits for us."""
        self._since = None
        super().on_message_complete()

    def _expect(self) -> None:
        self._since, self._received, self._in_head = self.loop.time(), 0, True

    def _look(self) -> None:
        """Refuse a request that arrives too slowly, unless it is our turn to read what has arrived."""
        if self.transport.is_closing():
            return
        if self._since is not None and not self.flow.read_paused:
            patience = self.grace + self._received / SLOWEST_BYTES
            if self.loop.time() - self._since > patience:
                self._refuse(HTTPStatus.REQUEST_TIMEOUT)
                return
        self._timer = self.loop.call_later(self.look, self._look)

    def _refuse(self, status: HTTPStatus) -> None:
        if not self.transport.is_closing():
            if self.cycle is None or not self.cycle.response_started:
                self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _too_many(self) -> bool:
        if len(self.connections) > self.max_connections:
            return True
        crowded = self.peers[self._address] > self.max_connections // SHARE_OF_ADDRESS
        return crowded and not _is_in(self._address, self.trusted)


def _is_in(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address is one of these addresses or in one of these networks."""
    try:
        found = ipaddress.ip_address(address)
        return any(found in ipaddress.ip_network(each, strict=False) for each in networks)
    except ValueError:
        return address in networks


def connection_of(settings: Settings, **more: Any) -> type[Connection]:
    """The kind of connection that these settings describe."""
    trusted = tuple(filter(None, (each.strip() for each in settings.trusted_proxies.split(","))))
    limits = {"max_connections": settings.max_connections, "trusted": trusted, "peers": Counter(), **more}
    return type("LimitedConnection", (Connection,), limits)


def web_app(settings: Settings) -> ASGIApp:
    """The app with its cache of polls, as a web process serves it."""
    return PollCache(create_app(settings), cookie_name(settings.base_url), settings.database_url)


def server_config(settings: Settings) -> uvicorn.Config:
    """How a web process serves the pages and the REST API."""
    return uvicorn.Config(
        web_app(settings),
        http=connection_of(settings),
        ws="none",
        proxy_headers=False,  # our own middleware believes only the proxies of the settings
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        log_config=None,
        access_log=False,
    )
