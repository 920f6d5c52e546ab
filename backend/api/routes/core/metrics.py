"""Metrics of the web app: requests as they come, and the state of the desk when somebody asks."""

from collections.abc import Iterable
from http import HTTPStatus

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest
from starlette.types import Scope

from backend.cases.operations.metrics import CaseCounts
from backend.cases.outbox.outbox import OutboxStatus

REQUESTS = Histogram("countersign_request_seconds", "Time to answer, in seconds.", ("route", "method", "status"))


def observe(scope: Scope, status: int, seconds: float) -> None:
    """Note one request under the name of its route, never under its path, which holds references."""
    route = getattr(scope.get("route"), "name", "") or "none"
    REQUESTS.labels(route, scope["method"], f"{HTTPStatus(status) // 100}xx").observe(seconds)


def metrics_page(processes: Iterable[str], figures: CaseCounts, outbox: OutboxStatus) -> bytes:
    """Everything in Prometheus' text format; a process without work counts 0."""
    registry = CollectorRegistry()
    running = Gauge("countersign_cases_running", "Cases that are not over.", ("process", "status"), registry=registry)
    by_process = {
        "countersign_cases_needing_attention": ("Cases that somebody has to look at.", figures.attention),
        "countersign_approvals_open": ("Approvals that wait.", figures.approvals),
        "countersign_approvals_overdue": ("Approvals that should have been answered by now.", figures.overdue),
    }
    for (process, status), count in figures.cases.items():
        running.labels(process, status).set(count)
    for name, (words, counts) in by_process.items():
        gauge = Gauge(name, words, ("process",), registry=registry)
        for process in processes:
            gauge.labels(process).set(counts.get(process, 0))
    waiting = {
        "countersign_outbox_waiting": ("Messages that Temporal has not heard yet.", outbox.waiting),
        "countersign_outbox_set_aside": ("Messages that can never be passed on.", outbox.failed),
        "countersign_outbox_oldest_seconds": ("Age of the oldest waiting one.", outbox.oldest_waiting_seconds),
    }
    for name, (words, value) in waiting.items():
        Gauge(name, words, registry=registry).set(value)
    return generate_latest(REGISTRY) + generate_latest(registry)
