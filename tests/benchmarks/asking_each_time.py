"""The simplest status route: it queries the workflow at every request. `python -m` serves it."""

import sys

import uvicorn
from fastapi import FastAPI
from temporalio.client import Client

from backend.kit.progress import Progress
from backend.settings import settings
from backend.temporal.client import connect
from backend.temporal.queries import progress_of


def create_app() -> FastAPI:
    """An app with only this route."""
    app = FastAPI()
    clients: list[Client] = []

    @app.get("/{workflow_id}")
    async def progress(workflow_id: str) -> Progress | None:
        if not clients:
            clients.append(await connect(settings()))
        return await progress_of(clients[0], workflow_id)

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(), port=int(sys.argv[1]), log_config=None, access_log=False)
