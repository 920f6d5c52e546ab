"""The web app: what it opens, what surrounds each request, and its routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from backend.api.routes import (
    actions,
    acts,
    answers,
    approvals,
    articles,
    audit,
    bulk,
    calendar,
    cases,
    claims,
    correcting,
    deliveries,
    docs,
    executions,
    explain,
    files,
    health,
    home,
    inbox,
    notifications,
    people,
    saved_filters,
    session,
    start,
    substitutes,
)
from backend.api.routes.core.errors import handle_errors
from backend.api.routes.core.form_tokens import FormTokens
from backend.api.routes.core.middleware import BodyLimit, Frame
from backend.api.routes.core.paths import Paths
from backend.api.routes.core.rendering import ROOT, make_templates
from backend.api.routes.core.security import declared_routes
from backend.api.routes.core.state import WebState
from backend.api.routes.rest import actions as rest_actions
from backend.api.routes.rest import acts as rest_acts
from backend.api.routes.rest import approvals as rest_approvals
from backend.api.routes.rest import articles as rest_articles
from backend.api.routes.rest import audit as rest_audit
from backend.api.routes.rest import bulk as rest_bulk
from backend.api.routes.rest import calendar as rest_calendar
from backend.api.routes.rest import cases as rest_cases
from backend.api.routes.rest import deliveries as rest_deliveries
from backend.api.routes.rest import executions as rest_executions
from backend.api.routes.rest import explain as rest_explain
from backend.api.routes.rest import notifications as rest_notifications
from backend.api.routes.rest import processes as rest_processes
from backend.api.routes.rest import substitutes as rest_substitutes
from backend.cases.accepting import Accepting
from backend.cases.choices import Offering
from backend.cases.endings import Endings
from backend.cases.people.accounts import Doorkeeper
from backend.cases.watching import Watching
from backend.database.engine import PATIENCE_SECONDS, Database
from backend.kit.progress import Progress
from backend.process_memory import keep_what_stays
from backend.processes import by_key
from backend.services.files import open_files
from backend.settings import Settings
from backend.temporal.client import connect
from backend.temporal.queries import progress_of

PAGES = (
    session,
    home,
    start,
    cases,
    actions,
    inbox,
    saved_filters,
    explain,
    calendar,
    bulk,  # before approvals, whose addresses would take its own
    approvals,
    claims,
    correcting,
    acts,
    answers,
    notifications,
    substitutes,
    people,
    deliveries,
    audit,
    articles,
    files,
    executions,
    health,
    docs,
)
REST = (
    rest_processes,
    rest_cases,
    rest_actions,
    rest_explain,
    rest_calendar,
    rest_bulk,
    rest_approvals,
    rest_acts,
    rest_notifications,
    rest_substitutes,
    rest_deliveries,
    rest_audit,
    rest_articles,
    rest_executions,
)
MOST_FILES = 5
DESCRIPTION = "Start cases, follow them, and answer approvals. Sign in with `Authorization: Bearer …`."


def create_app(settings: Settings) -> FastAPI:
    """The app; it does not start if a route declares no policy."""
    app = FastAPI(
        title="Countersign",
        version="1",
        description=DESCRIPTION,
        lifespan=_lifespan(settings),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    uploads = settings.upload_bytes * MOST_FILES + settings.body_bytes
    app.add_middleware(BodyLimit, limit=settings.body_bytes, upload_limit=uploads)
    app.add_middleware(Frame, https=settings.base_url.startswith("https:"))
    app.include_router(rest_router())  # programs call more often than people do, and routes are tried in order
    for page in PAGES:
        app.include_router(page.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=ROOT / "static"), name="static")
    handle_errors(app)
    list(declared_routes(app))
    return app


def rest_router() -> APIRouter:
    """Everything under /api/v1."""
    router = APIRouter(prefix="/api/v1")
    for resource in REST:
        router.include_router(resource.router)
    return router


def _lifespan(settings: Settings):  # type: ignore[no-untyped-def]  # noqa: ANN202 - Starlette's own type
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings.database_url, settings.database_pool_size, PATIENCE_SECONDS)
        temporal = await connect(settings, lazy=True)

        async def ask(workflow_id: str) -> Progress | None:
            return await progress_of(temporal, workflow_id)

        app.state.web = WebState(
            settings=settings,
            database=database,
            processes=(processes := by_key()),
            temporal=temporal,
            accepting=Accepting(database),
            offering=Offering(database),
            watching=Watching(database, processes, ask),
            endings=(endings := Endings(database)),
            doorkeeper=Doorkeeper(database, settings.session_idle, settings.session_absolute),
            tokens=FormTokens(settings.keys()),
            files=open_files(settings),
            templates=make_templates(),
            paths=Paths(app),
        )
        keep_what_stays()
        yield
        await endings.close()
        await database.close()

    return lifespan
