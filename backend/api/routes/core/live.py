"""Live pages: an open page polls one address, and gets its regions as they are now, or 304 while they are the same."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

HEADER = "countersign-live"
NOT_MODIFIED = 304


def is_poll(request: Request) -> bool:
    """Whether an open page asks for what changed; that is neither activity of a person nor a visit."""
    return HEADER in request.headers or request.url.path.endswith("/status")


def is_visit(request: Request) -> bool:
    """Whether a person opened the page: neither a poll nor a browser that fetches pages in advance."""
    ahead = "prefetch" in request.headers.get("sec-purpose", "")
    passive = ahead or is_poll(request) or request.scope.get("head", False)
    return request.method == "GET" and not passive


@dataclass(frozen=True)
class Live:
    """How often an open page asks for its regions, in seconds, and where: at its own address unless `url` is set."""

    every: int
    url: str = ""


@dataclass
class Regions:
    """The regions of one page as it is drawn: `{% call region("status") %}` in its template."""

    drawn: dict[str, Markup] = field(default_factory=dict)

    def __call__(self, name: str, caller: Callable[[], Markup]) -> Markup:
        """Draw a region. Pages have it at all times, also while there is nothing in it."""
        html = Markup('<div class="cs-region" id="live-{}" data-live>{}</div>').format(name, caller())
        self.drawn[name] = html
        return html

    def response(self, request: Request, headers: dict[str, str], tag: str = "") -> Response:
        """All regions, or 304 if the page has them; `tag` names their version where that is known without them."""
        html = Markup().join(self.drawn.values())
        tag = tag or f'W/"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
        if known(request, tag):
            return unchanged(headers, tag)
        return HTMLResponse(html, headers={**headers, "ETag": tag})


def known(request: Request, tag: str) -> bool:
    """Whether the open page has this version."""
    return request.headers.get("if-none-match") == tag


def unchanged(headers: dict[str, str], tag: str) -> Response:
    """Nothing to swap."""
    return Response(status_code=NOT_MODIFIED, headers={**headers, "ETag": tag})
