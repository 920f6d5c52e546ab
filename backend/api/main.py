"""The web app: its shared state, middleware and routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from backend.api.routes.approvals import routers as approvals
from backend.api.routes.articles import routers as articles
from backend.api.routes.audit import routers as audit
from backend.api.routes.calendar import routers as calendar
from backend.api.routes.cases import routers as cases
from backend.api.routes.core.errors import handle_errors
from backend.api.routes.core.form_data import MAX_FIELDS
from backend.api.routes.core.form_tokens import FormTokens
from backend.api.routes.core.hosts import AllowedHosts, allowed_hosts
from backend.api.routes.core.language import AcceptedLanguage
from backend.api.routes.core.middleware import RequestHeaders
from backend.api.routes.core.paths import Paths
from backend.api.routes.core.rendering import ROOT, check_icons, make_templates
from backend.api.routes.core.request_bodies import BodyLimit, StrictJson
from backend.api.routes.core.security import declared_routes
from backend.api.routes.core.state import WebState
from backend.api.routes.core.unexpected_errors import UnexpectedErrors
from backend.api.routes.deliveries import routers as deliveries
from backend.api.routes.docs import routers as docs
from backend.api.routes.executions import routers as executions
from backend.api.routes.groups import routers as groups
from backend.api.routes.health import routers as health
from backend.api.routes.home import routers as home
from backend.api.routes.notifications import routers as notifications
from backend.api.routes.people import routers as people
from backend.api.routes.processes import routers as processes
from backend.api.routes.reference_data import routers as reference_data
from backend.api.routes.session import routers as session
from backend.api.routes.setup import routers as setup
from backend.cases.attention.counters import Badges
from backend.cases.audit.anchors import Anchors
from backend.cases.core.lookups import Lookups
from backend.cases.lifecycle.accept import Intake
from backend.cases.lifecycle.completion import Completion
from backend.cases.people.sign_in import Authenticator
from backend.cases.tracking.status_reader import StatusReader
from backend.database.engine import PATIENCE_SECONDS, Database
from backend.kit.progress import Progress
from backend.process_memory import freeze_startup_objects
from backend.processes import by_key
from backend.services.files import open_files
from backend.settings import Settings
from backend.temporal.client import connect
from backend.temporal.queries import progress_of
from backend.temporal.task_queues import QueueReader, queues_of

RESOURCES = (
    session,
    setup,
    home,
    processes,
    cases,
    approvals,
    calendar,
    notifications,
    people,
    groups,
    reference_data,
    deliveries,
    audit,
    articles,
    executions,
    health,
    docs,
)
MAX_FILES = 10  # as large as a file may be, in one form
DESCRIPTION = "Start cases, follow them, and decide approvals. Authenticate with `Authorization: Bearer …`."


def create_app(settings: Settings) -> FastAPI:
    """Create the app; it does not start if a route declares no policy."""
    app = FastAPI(
        title="Countersign",
        version="1",
        description=DESCRIPTION,
        lifespan=_lifespan(settings),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # it would redirect to the host of the request
        form_limits={"max_fields": MAX_FIELDS, "max_files": MAX_FIELDS, "max_part_size": settings.form_bytes},
    )
    for each in reversed(middleware(settings)):
        app.add_middleware(each.cls, *each.args, **each.kwargs)
    app.include_router(rest_router())  # first, because programs call more often, and routes are tried in order
    for resource in RESOURCES:
        for pages in resource.PAGES:
            app.include_router(pages, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=ROOT / "static"), name="static")
    handle_errors(app)
    list(declared_routes(app))
    check_icons(by_key().values())
    return app


def middleware(settings: Settings) -> list[Middleware]:
    """Around every request, outermost first."""
    uploads = settings.upload_bytes * MAX_FILES + settings.form_bytes
    limits = {"limit": settings.body_bytes, "form_limit": settings.form_bytes, "upload_limit": uploads}
    return [
        Middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies),
        Middleware(RequestHeaders, https=settings.base_url.startswith("https:")),
        Middleware(AcceptedLanguage, pseudo=settings.pseudo_locale),
        Middleware(UnexpectedErrors),
        Middleware(AllowedHosts, hosts=allowed_hosts(settings)),
        Middleware(BodyLimit, **limits),
        Middleware(StrictJson),
    ]


def rest_router() -> APIRouter:
    """Everything under /api/v1."""
    router = APIRouter(prefix="/api/v1")
    for resource in RESOURCES:
        for rest in getattr(resource, "REST", ()):
            router.include_router(rest)
    return router


def _lifespan(settings: Settings):  # type: ignore[no-untyped-def]  # noqa: ANN202 - Starlette's own type
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings.database_url, settings.database_pool_size, PATIENCE_SECONDS)
        temporal = await connect(settings, lazy=True)
        tokens = FormTokens(settings.keys())

        async def ask(workflow_id: str) -> Progress | None:
            return await progress_of(temporal, workflow_id)

        app.state.web = WebState(
            settings=settings,
            database=database,
            processes=(processes := by_key()),
            temporal=temporal,
            intake=Intake(database, settings.waiting_limit),
            lookups=Lookups(database),
            status_reader=StatusReader(database, processes, ask),
            badges=Badges(database, processes),
            completion=(completion := Completion(database)),
            anchors=Anchors(settings.data_dir, settings.keys()),
            queues=QueueReader(temporal, queues_of(processes.values())),
            authenticator=Authenticator(database, settings.session_idle, settings.session_absolute, tokens.csrf),
            tokens=tokens,
            files=open_files(settings),
            templates=make_templates(),
            paths=Paths(app),
        )
        freeze_startup_objects()
        yield
        await completion.close()
        await database.close()

    return lifespan
