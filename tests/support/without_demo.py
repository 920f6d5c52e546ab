"""An installation without the demo: a database that has the schema and nothing else, and its web app."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from backend.api.main import create_app
from backend.api.routes.core.form_tokens import SIGN_IN, FormTokens
from backend.cases.people.new_person import NewPerson
from backend.cases.people.setup import NewTenant, set_up
from backend.database.engine import Database
from backend.database.migrate import let_app_in, migrate
from backend.database.tables import Person
from backend.embedded.postgres import EmbeddedPostgres
from tests.support.folders import data_folder
from tests.support.postgres import run_as_owner
from tests.support.web import ORIGIN, SECRET, visitor_of, web_settings

ORGANIZATION = NewTenant("default", "Harbour Works", "Europe/Berlin", "de")
ADMIN = NewPerson("ida", "default", "Ida Falk", "ida@harbour.example")
PASSWORD = "the first password of ida"


@pytest.fixture(scope="session")
def own_cluster() -> Iterator[EmbeddedPostgres]:
    """A cluster that has the schema, and no demo."""
    with data_folder() as folder:
        cluster = EmbeddedPostgres(folder, durable=False).start()
        migrate(cluster.owner_url)
        yield cluster
        cluster.stop()


@pytest.fixture
async def own_database(own_cluster: EmbeddedPostgres) -> AsyncIterator[Database]:
    """Its database, in which nobody has an account yet."""
    await let_app_in(own_cluster.owner_url, own_cluster.app_url)
    database = Database(own_cluster.app_url, pool_size=20)
    yield database
    await database.close()
    await run_as_owner(own_cluster, "TRUNCATE tenants CASCADE", "TRUNCATE audit, sign_in_attempts")


@pytest.fixture
async def own_app(own_cluster: EmbeddedPostgres, own_database: Database, tmp_path: Path) -> AsyncIterator[FastAPI]:
    """The running app of this installation."""
    app = create_app(web_settings(own_cluster.app_url, tmp_path))
    async with app.router.lifespan_context(app):
        yield app


async def signed_in(app: FastAPI, name: str, password: str) -> httpx2.AsyncClient:
    """A browser in which this person has signed in; it sends their CSRF token with every request."""
    client = visitor_of(app, origin=ORIGIN)
    form = {"name": name, "password": password, "form_token": FormTokens([SECRET]).new(SIGN_IN)}
    answer = await client.post("/login", data=form)
    assert answer.status_code == 303, answer.text
    found = await app.state.web.authenticator.find(client.cookies["countersign"], polling=True)
    client.headers["x-csrf-token"] = found.csrf
    return client


@pytest.fixture
async def ida(own_app: FastAPI, own_database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    """The first administrator, signed in."""
    await with_admin(own_database)
    client = await signed_in(own_app, "ida", PASSWORD)
    yield client
    await client.aclose()


async def with_admin(database: Database, password: str | None = PASSWORD) -> Person:
    """Set it up; its administrator."""
    return await set_up(database, ORGANIZATION, ADMIN, password, by="a test")
