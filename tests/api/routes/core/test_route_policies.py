"""Every route enforces its declared access policy, and accepts forms only from our own pages."""

import re
from uuid import uuid4

import pytest
from fastapi import FastAPI

from backend.api.routes.core.security import SAFE_METHODS, DeclaredRoute, Policy, declared_routes
from tests.api.routes.cases.test_rest import open_one
from tests.support.web import ORIGIN, Visitor, visitor_of

VALUES = {"workflow_id:path": "acme.purchase_approval.PUR-000001", "process": "purchase_approval", "reference": "PUR-9"}


def address(route: DeclaredRoute) -> str:
    """The path with a value for each parameter."""

    def value(place: re.Match[str]) -> str:
        return VALUES.get(place[1], str(uuid4()))

    return re.sub(r"{([^}]+)}", value, route.path)


def all_routes(app: FastAPI) -> list[DeclaredRoute]:
    routes = list(declared_routes(app))
    assert len(routes) > 40
    return routes


async def test_a_stranger_reaches_only_what_is_public(app: FastAPI) -> None:
    reached = {}
    async with visitor_of(app, origin=ORIGIN) as stranger:
        for route in all_routes(app):
            answer = await stranger.request(route.method, address(route))
            to_login = answer.status_code == 303 and answer.headers["location"].startswith("/login")
            reached[route.method, route.path] = not (answer.status_code == 401 or to_login)
    public = {(route.method, route.path) for route in all_routes(app) if route.policy is Policy.PUBLIC}
    assert {place for place, got_in in reached.items() if got_in} == public


@pytest.mark.parametrize("name", ["ann", "mona", "eve", "root"])
async def test_only_operators_find_the_pages_of_operators(app: FastAPI, browser_of: Visitor, name: str) -> None:
    client = await browser_of(name)
    for route in all_routes(app):
        if route.policy is Policy.OPERATOR:
            answer = await client.request(route.method, route.path if "{" not in route.path else address(route))
            # What the address names belongs to another tenant, so that is not found by anybody.
            expected = name == "root" and "{" not in route.path
            assert (answer.status_code != 404) is expected, (route.path, answer.status_code)


async def test_no_form_is_taken_without_its_token_or_from_another_site(app: FastAPI, browser_of: Visitor) -> None:
    client = await browser_of("root")
    token = client.headers.pop("x-csrf-token")
    for route in all_routes(app):
        if route.method in SAFE_METHODS or route.policy is Policy.PUBLIC:
            continue
        for headers in ({}, {"x-csrf-token": "ünlike"}, {"x-csrf-token": token, "origin": "http://evil.example"}):
            encoded = {name: value.encode() for name, value in headers.items()}
            answer = await client.request(route.method, address(route), headers=encoded)
            assert answer.status_code == 403, (route.path, headers, answer.status_code)


@pytest.mark.parametrize("name", ["ann", "mona", "finn", "eve", "root"])
async def test_no_page_without_parameters_fails_for_anybody(app: FastAPI, browser_of: Visitor, name: str) -> None:
    client = await browser_of(name)
    for route in all_routes(app):
        if route.method == "GET" and "{" not in route.path:
            answer = await client.get(route.path)
            # Temporal is away in this test, and only its own pages may say so.
            away = answer.status_code == 503 and "executions" in route.path
            assert answer.status_code < 500 or away, (route.path, answer.text[:500])
            assert "nosniff" in answer.headers["x-content-type-options"]
            assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_what_belongs_to_another_tenant_is_not_found(program_of: Visitor) -> None:
    ann, zoe = await program_of("ann"), await program_of("zoe")
    opened = await open_one(ann)
    for path in ("", "/progress", "/journal", "/comments"):
        assert (await zoe.get(f"/api/v1/cases/{opened}{path}")).status_code == 404
        assert (await ann.get(f"/api/v1/cases/{opened}{path}")).status_code == 200
