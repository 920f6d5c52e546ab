"""Health: probes and metrics for machines, and a page for operators."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from backend.api.routes.core.dependencies import State
from backend.api.routes.core.metrics import metrics_page
from backend.api.routes.core.rendering import Render
from backend.api.routes.core.security import MONITOR, OPERATOR, PUBLIC, Caller
from backend.api.routes.core.state import WebState
from backend.cases.operations.metrics import case_counts
from backend.cases.outbox.outbox import OutboxStatus, outbox_status
from backend.database.engine import EVERY_TENANT
from backend.database.errors import DatabaseAway
from backend.temporal.executions import TemporalAway, pollers, temporal_answers
from backend.workflows.core.task_queues import activity_queue, workflow_queue

router = APIRouter(tags=["health"])


@router.get("/healthz", name="health:alive", dependencies=[PUBLIC], response_class=PlainTextResponse)
async def alive() -> str:
    """This process responds."""
    return "ok\n"


@router.get("/readyz", name="health:ready", dependencies=[PUBLIC])
async def ready(state: State) -> Response:
    """This process can accept work: its database answers. Temporal may be away; work waits for it."""
    try:
        async with state.database.across_tenants():
            return JSONResponse({"status": "ready"})
    except DatabaseAway:
        return JSONResponse({"status": "database away"}, 503)


@router.get("/metrics", name="health:metrics", dependencies=[MONITOR])
async def metrics(request: Request, state: State) -> Response:
    """Prometheus metrics: of all tenants for the monitoring system, of their own tenant for an operator."""
    caller: Caller | None = getattr(request.state, "caller", None)
    tenant = caller.actor.tenant if caller else EVERY_TENANT
    counts, outbox = await case_counts(state.database, tenant), await outbox_status(state.database, tenant)
    return Response(metrics_page(state.processes, counts, outbox), media_type=CONTENT_TYPE_LATEST)


@router.get("/health", name="health:show", dependencies=[OPERATOR])
async def show(state: State, render: Render) -> Response:
    """Whether Temporal responds, whether messages are delayed, and who polls the task queues."""
    outbox = await outbox_status(state.database)
    queues = await _queues(state) if await temporal_answers(state.temporal) else None
    answers = queues is not None
    return await render(
        "health/page.html",
        active="health",
        outbox=outbox,
        answers=answers,
        queues=queues or [],
        ok=_ok(outbox, answers),
    )


def _ok(outbox: OutboxStatus, answers: bool) -> bool:  # noqa: FBT001 - a fact, not a switch
    return outbox.ok and answers


async def _queues(state: WebState) -> list[tuple[str, int]] | None:
    """The pollers of each task queue; None if Temporal stops responding meanwhile."""
    domains = sorted({process.domain for process in state.processes.values()})
    names = [(workflow_queue(domain), "workflow") for domain in domains]
    names += [(activity_queue(domain), "activity") for domain in domains]
    try:
        return [(name, await pollers(state.temporal, name, kind)) for name, kind in names]
    except TemporalAway:
        return None
