"""`Paths` builds the same path for a route name as Starlette does by trying every route."""

from pathlib import Path

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import NoMatchFound, compile_path

import backend.api
from backend.api.main import create_app
from backend.api.routes.core.paths import Paths
from tests.support.web import web_settings


def test_every_route_is_found_by_its_name(tmp_path: Path) -> None:
    app = create_app(web_settings("postgresql+asyncpg://nobody@127.0.0.1:9/none", tmp_path))
    paths, found = Paths(app), 0
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.name and route.path:
            parts = dict.fromkeys(compile_path(route.path)[2], 7)
            assert paths.of(route.name, **parts) == app.url_path_for(route.name, **parts)
            found += 1
    assert found > 100, "most routes have no name, so this shows little"


def test_nobody_tries_all_routes_for_a_path() -> None:
    """Starlette's `url_path_for` tries every route; use `Paths.of` instead."""
    asking = [file.name for file in Path(backend.api.__path__[0]).rglob("*.py") if "url_path_for" in file.read_text()]
    assert asking == []


@pytest.mark.parametrize(
    ("name", "parts"), [("cases:none", {}), ("cases:show", {}), ("cases:list", {"reference": "x"})]
)
def test_no_path_leads_to_what_is_not_there(tmp_path: Path, name: str, parts: dict[str, str]) -> None:
    app = create_app(web_settings("postgresql+asyncpg://nobody@127.0.0.1:9/none", tmp_path))
    with pytest.raises(NoMatchFound):
        Paths(app).of(name, **parts)
