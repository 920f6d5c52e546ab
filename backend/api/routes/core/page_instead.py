"""Where a mistyped or reopened address leads instead of an error: always a path of this site."""

from urllib.parse import urlsplit

from fastapi import Request

from backend.api.routes.core.paths import API
from backend.api.routes.core.security import SAFE_METHODS
from backend.api.routes.core.state import web_state


def local_path(target: str) -> str:
    """The path if it stays on this site; else home."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if inside and "\\" not in target else "/"


def page_instead(request: Request) -> str:
    """The page to go to from an address without one: without its last slash, or the page that its form is on.

    Empty if there is none, and for programs.
    """
    path = request.url.path
    if request.method not in SAFE_METHODS or path.startswith(API) or path == "/":
        return ""
    if path.endswith("/"):
        query = f"?{request.url.query}" if request.url.query else ""
        return local_path(f"/{path.strip('/')}{query}")
    paths = web_state(request).paths
    return paths.page_above(path) if paths.takes_only_forms(path) else ""


def page_before(request: Request) -> str:
    """The page that the person came from, if it is one of ours, else the page above this address."""
    path, came_from = request.url.path, urlsplit(request.headers.get("referer", ""))
    if came_from.netloc == request.url.netloc and came_from.path not in {"", path}:
        query = f"?{came_from.query}" if came_from.query else ""
        return local_path(f"{came_from.path}{query}")
    return web_state(request).paths.page_above(path)
