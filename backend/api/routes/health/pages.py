"""Health: probes and metrics for machines, and a page for operators."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.metrics import metrics_page
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import MONITOR, OPERATOR, PUBLIC, Caller
from backend.cases.operations.health import Work, work_of
from backend.cases.operations.heartbeats import who_is_alive
from backend.cases.operations.metrics import case_counts
from backend.cases.outbox.outbox import OutboxStatus, outbox_status
from backend.database.engine import EVERY_TENANT
from backend.database.errors import DatabaseAway

router = APIRouter(tags=["health"])
READY_SECONDS = 2.0


@router.get("/healthz", name="health:alive", dependencies=[PUBLIC], response_class=PlainTextResponse)
async def alive() -> str:
    """This process responds."""
    return "ok\n"


@router.get("/readyz", name="health:ready", dependencies=[PUBLIC])
async def ready(state: State) -> Response:
    """This process can accept work: its database answers.

    Temporal and the workers may be away, as work waits for them. Without workers it is degraded and names their queues.
    """
    try:
        async with asyncio.timeout(READY_SECONDS), state.database.across_tenants() as session:
            await session.execute(text("SELECT 1"))
            living = await who_is_alive(session)
    except (DatabaseAway, TimeoutError):
        return JSONResponse({"status": "database away"}, 503)
    queues = {queue for process in state.processes.values() for queue in process.queues}
    missing = living.without_worker(sorted(queues))
    if missing:
        return JSONResponse({"status": "degraded", "without_worker": missing})
    return JSONResponse({"status": "ready"})


@router.get("/metrics", name="health:metrics", dependencies=[MONITOR])
async def metrics(request: Request, state: State) -> Response:
    """Prometheus metrics: of all tenants for the monitoring system, of their own tenant for an operator."""
    caller: Caller | None = getattr(request.state, "caller", None)
    tenant = caller.actor.tenant if caller else EVERY_TENANT
    counts, outbox = await case_counts(state.database, tenant), await outbox_status(state.database, tenant)
    work = await work_of(state.database)
    page = metrics_page(state.processes, counts, outbox, work, every_tenant=caller is None)
    return Response(page, media_type=CONTENT_TYPE_LATEST)


@router.get("/health", name="health:show", dependencies=[OPERATOR])
async def show(state: State, render: Render) -> Response:
    """What is wrong; who works on which queue; how much waits, for how long, and what failed."""
    outbox, work = await outbox_status(state.database), await work_of(state.database)
    queues, answers = await state.queues.read()
    missing = work.missing(state.processes)
    return await render(
        "health/page.html",
        active="health",
        outbox=outbox,
        work=work,
        answers=answers,
        queues=queues,
        missing=missing,
        ok=answers and is_well(outbox, work, missing),
    )


def is_well(outbox: OutboxStatus, work: Work, missing: list[str]) -> bool:
    """Whether nothing fails, waits for too long or is missing."""
    return outbox.ok and not (missing or work.steps or work.relay_is_missing or work.emails["failed"])
