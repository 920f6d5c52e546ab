"""The desk over HTTP, with a token for everyone in the model."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from backend.api.main import create_app
from backend.cases.people.tokens import create_token
from backend.database.engine import Database
from backend.embedded.postgres import EmbeddedPostgres
from tests.model.approval_model import PEOPLE
from tests.support.postgres import EMPTY, run_as_owner
from tests.support.web import visitor_of, web_settings

Result = TypeVar("Result")


@dataclass
class House:
    """The desk over HTTP, opened once for all cases; everyone has a token."""

    runner: asyncio.Runner
    database: Database
    clients: dict[str, httpx2.AsyncClient]

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine to its end."""
        return self.runner.run(work)

    def call(self, who: str, method: str, path: str, **body: Any) -> httpx2.Response:
        """Send one request as this person."""
        json = {"json": body} if method != "GET" else {}
        return self.run(self.clients[who].request(method, f"/api/v1{path}", **json))


@contextmanager
def open_house(cluster: EmbeddedPostgres, data: Path) -> Iterator[House]:
    """Open the desk, and delete its data afterwards."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> House:
            database = Database(cluster.app_url)
            stack.push_async_callback(database.close)
            app = create_app(web_settings(cluster.app_url, data))
            await stack.enter_async_context(app.router.lifespan_context(app))
            clients = {}
            for name in PEOPLE:
                token = await create_token(database, name, "model")
                clients[name] = await stack.enter_async_context(visitor_of(app, authorization=f"Bearer {token}"))
            return House(runner, database, clients)

        yield runner.run(begin())
        runner.run(stack.aclose())
        runner.run(run_as_owner(cluster, *filter(str.strip, EMPTY.split(";"))))
