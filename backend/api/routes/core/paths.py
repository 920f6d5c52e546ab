"""The paths of routes by name, collected once: a page needs a hundred, and Starlette searches all routes for each."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import NoMatchFound, compile_path, replace_params


class Paths:
    """The paths of all named routes of an app."""

    def __init__(self, app: FastAPI) -> None:
        self._known = {
            each.name: compile_path(each.path)[1:]
            for each in iter_route_contexts(app.routes)
            if each.name and each.path
        }

    def of(self, name: str, /, **parts: Any) -> str:
        """The path of a route; NoMatchFound if no route has this name and exactly these parameters."""
        path, kinds = self._known.get(name, ("", {}))
        if not path or kinds.keys() != parts.keys():
            raise NoMatchFound(name, parts)
        return replace_params(path, kinds, dict(parts))[0]
