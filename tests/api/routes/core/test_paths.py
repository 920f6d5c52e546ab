"""`Paths` builds the same path for a route name as Starlette does by trying every route."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import NoMatchFound, compile_path

import backend.api
from backend.api.main import create_app
from backend.api.routes.core.paths import Paths
from backend.api.routes.executions.pages import file_name
from tests.support.html import page_of
from tests.support.web import ORIGIN, Visitor, web_settings


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


ODD = [
    "default.x?c=d#e",
    "default.x%2Fenc",
    "default.x/../../cases",
    "default.x/a/b",
    "default.x//y",
    "default.x y&z='q'\"w\"",
    "default.x\ny",
    "default.x<script>alert(1)</script>",
    "default.x/123e4567-e89b-12d3-a456-426614174000",
    "default.x\\..\\y;z",
    "default.Möbel/😀",
]


@pytest.mark.parametrize("workflow_id", ODD)
async def test_an_id_with_any_character_has_an_address_that_opens_it(
    browser_of: Visitor, program_of: Visitor, app: FastAPI, workflow_id: str
) -> None:
    root, program = await browser_of("root"), await program_of("root")
    parts = {"workflow_id": workflow_id, "run_id": uuid4()}
    shown = app.state.web.paths.of("executions:show", **parts)
    assert urljoin(ORIGIN, shown) == f"{ORIGIN}{shown}", "a browser would ask for another address"
    page = await root.get(shown)
    assert page.status_code == 503, "Temporal is away here, so the page shows the id and nothing else"
    assert page_of(page).one("h1").text == " ".join(workflow_id.split())
    assert {field.held for field in page_of(page).all("[name=back]")} == {shown}
    assert (await root.get(app.state.web.paths.of("executions:export", **parts))).status_code == 503
    for name in ("api:executions:show", "api:executions:events", "api:executions:pending"):
        answer = await program.get(app.state.web.paths.of(name, **parts))
        assert (answer.status_code, answer.json()["code"]) == (503, "temporal_away")


@pytest.mark.parametrize("workflow_id", ODD)
def test_an_export_has_a_name_that_every_system_takes(workflow_id: str) -> None:
    name = file_name(workflow_id)
    assert re.fullmatch(r"default\.[A-Za-z0-9_.-]+", name)
    assert ".." not in name


async def test_after_signing_in_the_same_address_opens(browser_of: Visitor, app: FastAPI) -> None:
    guest = await browser_of("")
    shown = app.state.web.paths.of("executions:show", workflow_id=ODD[0], run_id=uuid4())
    asked = await guest.get(shown)
    assert parse_qs(urlsplit(asked.headers["location"]).query)["next"] == [shown]
