"""ASGI middleware: refuse requests for other hosts, because links and redirects would lead there."""

from collections.abc import Collection
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.routes.core.errors import error_response
from backend.kit.i18n import N_
from backend.settings import Settings

ANY = "*"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})  # called by the address of a pod or a container


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """The host of BASE_URL and those of ALLOWED_HOSTS; on the same machine, all of its loopback names."""
    own = urlsplit(settings.base_url).hostname or ""
    more = {each.strip().lower() for each in settings.allowed_hosts.split(",")} - {""}
    return frozenset({own, *more}) | (LOOPBACK if own in LOOPBACK else frozenset())


class AllowedHosts:
    """Responds 400 to a request whose Host is not one of ours."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the host, except for probes."""
        if scope["type"] == "http" and scope["path"] not in PROBES and not self._allows(Headers(scope=scope)):
            detail = N_("This server does not serve the host name that you asked for.")
            refused = error_response(Request(scope, receive), HTTPStatus.BAD_REQUEST, "unknown_host", detail)
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _allows(self, headers: Headers) -> bool:
        return ANY in self._hosts or _name_in(headers.get("host", "")) in self._hosts


def _name_in(host: str) -> str:
    """The name without its port; empty if it is not a host."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
