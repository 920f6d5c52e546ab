"""No address is matched by two routes, so the order of routers does not matter."""

import re
from uuid import uuid4

import pytest
from fastapi import FastAPI
from starlette.routing import compile_path

from backend.api import main
from backend.api.routes.core.security import DeclaredRoute, declared_routes

SAMPLES = {"uuid": str(uuid4()), "path": "acme.PUR-000001", "int": "7", "str": "x1", "any": "acme.PUR-1"}
NO_CONVERTOR = "str"


def sample(path: str) -> str:
    """The path with a valid value for each parameter."""
    return re.sub(r"{\w+(?::(\w+))?}", lambda place: SAMPLES[place[1] or NO_CONVERTOR], path)


def matching(routes: list[DeclaredRoute], method: str, address: str) -> list[str]:
    """The route paths that match this address and method."""
    return [each.path for each in routes if each.method == method and compile_path(each.path)[0].match(address)]


def test_every_address_is_matched_by_its_own_route_alone(app: FastAPI) -> None:
    routes = list(declared_routes(app))
    assert len(routes) > 40
    ambiguous = {
        (route.method, route.path): found
        for route in routes
        if (found := matching(routes, route.method, sample(route.path))) != [route.path]
    }
    assert ambiguous == {}


def first_matches(app: FastAPI) -> dict[tuple[str, str], str]:
    """The route that handles the sample address of each route."""
    routes = list(declared_routes(app))
    return {(route.method, route.path): matching(routes, route.method, sample(route.path))[0] for route in routes}


def test_the_order_of_routers_changes_nothing(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = first_matches(app)
    for name in ("PAGES", "REST"):
        for resource in main.RESOURCES:
            if hasattr(resource, name):
                monkeypatch.setattr(resource, name, tuple(reversed(getattr(resource, name))))
    monkeypatch.setattr(main, "RESOURCES", tuple(reversed(main.RESOURCES)))
    assert first_matches(main.create_app(app.state.web.settings)) == usual


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_name_has_one_path(app: FastAPI, method: str) -> None:
    routes = [route for route in declared_routes(app) if route.method == method]
    assert len({route.name for route in routes}) == len(routes)
