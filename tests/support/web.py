"""The web app in this process with a real database, and without Temporal unless a test provides it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from temporalio.testing import WorkflowEnvironment

from backend.api.main import create_app
from backend.api.routes.core.form_tokens import SIGN_IN, FormTokens
from backend.cases.people.tokens import create_token
from backend.database.engine import Database
from backend.embedded.postgres import EmbeddedPostgres
from backend.settings import Settings
from tests.support.postgres import PASSWORD
from tests.support.question_workflow import Limit
from tests.support.temporal import PAYLOAD_KEYS

SECRET = "a signing key of the tests that is long enough for all of them"
ORIGIN = "http://127.0.0.1:8000"
NOBODY_LISTENS = "127.0.0.1:9"

Visitor = Callable[[str], Awaitable[httpx2.AsyncClient]]


def web_settings(database_url: str, folder: Path) -> Settings:
    """Settings of a web process without Temporal."""
    return Settings(
        database_url=database_url,
        temporal_address=NOBODY_LISTENS,
        secret_keys=SECRET,
        payload_keys=PAYLOAD_KEYS,
        data_dir=folder,
        base_url=ORIGIN,
        upload_bytes=20_000,
        body_bytes=50_000,
        pseudo_locale=True,
    )


@pytest.fixture
async def app(cluster: EmbeddedPostgres, database: Database, tmp_path: Path) -> AsyncIterator[FastAPI]:
    """The running app."""
    app = create_app(web_settings(cluster.app_url, tmp_path))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def app_with_temporal(
    cluster: EmbeddedPostgres, database: Database, time_machine_server: WorkflowEnvironment, tmp_path: Path
) -> AsyncIterator[FastAPI]:
    """The running app, connected to a Temporal server."""
    address = time_machine_server.client.service_client.config.target_host
    settings = web_settings(cluster.app_url, tmp_path).model_copy(update={"temporal_address": address})
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def limited(app: FastAPI) -> None:
    """Finance has to fill in a limit to approve."""
    known = app.state.web.processes
    changed = {**known, "purchase_approval": replace(known["purchase_approval"], decision_fields={"finance": Limit})}
    app.state.web = replace(app.state.web, processes=changed)


def visitor_of(app: FastAPI, **headers: str) -> httpx2.AsyncClient:
    """An HTTP client that is not signed in."""
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)


@pytest.fixture
async def browser_of(app: FastAPI) -> AsyncIterator[Visitor]:
    """Signs in people of the demo and sends their CSRF token with every request. An empty name is not signed in."""
    clients: list[httpx2.AsyncClient] = []

    async def sign_in(name: str) -> httpx2.AsyncClient:
        client = visitor_of(app, origin=ORIGIN)
        clients.append(client)
        if name:
            form = {"name": name, "password": PASSWORD, "form_token": FormTokens([SECRET]).new(SIGN_IN)}
            answer = await client.post("/login", data=form)
            assert answer.status_code == 303, answer.text
            authenticator = app.state.web.authenticator
            found = await authenticator.find(client.cookies["countersign"], polling=True)
            client.headers["x-csrf-token"] = found.csrf
        return client

    yield sign_in
    for client in clients:
        await client.aclose()


@pytest.fixture
async def program_of(app: FastAPI, database: Database) -> AsyncIterator[Visitor]:
    """API clients with a bearer token of a person."""
    clients: list[httpx2.AsyncClient] = []

    async def with_token(name: str) -> httpx2.AsyncClient:
        token = await create_token(database, name, "test")
        clients.append(visitor_of(app, authorization=f"Bearer {token}"))
        return clients[-1]

    yield with_token
    for client in clients:
        await client.aclose()
