"""The paths of routes by their names, read once: a page asks for a hundred, and Starlette tries all routes for each."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import NoMatchFound, compile_path, replace_params


class Paths:
    """What every named route of an app is called by."""

    def __init__(self, app: FastAPI) -> None:
        self._known = {
            each.name: compile_path(each.path)[1:]
            for each in iter_route_contexts(app.routes)
            if each.name and each.path
        }

    def of(self, name: str, /, **parts: Any) -> str:
        """The path of a route; NoMatchFound if there is none of this name with just these parts."""
        path, kinds = self._known.get(name, ("", {}))
        if not path or kinds.keys() != parts.keys():
            raise NoMatchFound(name, parts)
        return replace_params(path, kinds, dict(parts))[0]
