"""The paths of routes by name, collected once: a page needs a hundred, and Starlette searches all routes for each."""

import re
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import NoMatchFound, compile_path

API = "/api/"


class AnyText(Convertor[str]):
    """A part of a path that may hold any character, slashes and line breaks too: the ids of executions."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        """As it is."""
        return value

    def to_string(self, value: str) -> str:
        """As it is; `Paths.of` escapes it."""
        return str(value)


register_url_convertor("any", AnyText())


def escaped_path(request: Request) -> str:
    """The path of this request as an address has it, still escaped."""
    raw: bytes | None = request.scope.get("raw_path")
    return raw.decode("latin-1") if raw else quote(request.url.path)


class Paths:
    """The paths of all named routes of an app."""

    def __init__(self, app: FastAPI) -> None:
        routes = [each for each in iter_route_contexts(app.routes) if each.name and each.path]
        self._known = {each.name: compile_path(each.path or "")[1:] for each in routes}
        read, written = (
            {each.path: compile_path(each.path or "")[0] for each in routes if method in (each.methods or ())}
            for method in ("GET", "POST")
        )
        self._pages = [regex for path, regex in read.items() if not (path or "").startswith(API)]
        self._only_forms = [regex for path, regex in written.items() if path not in read]

    def of(self, name: str, /, **parts: Any) -> str:
        """The path of a route, its parts escaped; NoMatchFound if no route has this name and exactly these parameters.

        A slash within a part is escaped, too: a browser would take `/../` out of an address.
        """
        path, kinds = self._known.get(name, ("", {}))
        if not path or kinds.keys() != parts.keys():
            raise NoMatchFound(name, parts)
        for part, kind in kinds.items():
            path = path.replace(f"{{{part}}}", quote(kind.to_string(parts[part]), safe=""))
        return path

    def takes_only_forms(self, path: str) -> bool:
        """Whether forms are sent to this address and no page is there."""
        return _any_matches(self._only_forms, path)

    def page_above(self, path: str) -> str:
        """The nearest page above an address: of `/approvals/{id}/decision` the approval, in the end the home page."""
        while path.strip("/"):
            path = path.rstrip("/").rpartition("/")[0]
            if path and not self.takes_only_forms(path) and _any_matches(self._pages, path):
                return path
        return "/"


def _any_matches(patterns: list[re.Pattern[str]], path: str) -> bool:
    return any(each.match(path) for each in patterns)
