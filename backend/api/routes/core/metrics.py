"""Prometheus metrics: requests, open work by process, and the outbox."""

from collections.abc import Iterable
from http import HTTPStatus

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest
from starlette.types import Scope

from backend.cases.operations.metrics import CaseCounts
from backend.cases.outbox.outbox import OutboxStatus

REQUESTS = Histogram("countersign_request_seconds", "Response time in seconds.", ("route", "method", "status"))


def observe(scope: Scope, status: int, seconds: float) -> None:
    """Record a request by the name of its route, not by its path, which contains references."""
    route = getattr(scope.get("route"), "name", "") or "none"
    REQUESTS.labels(route, scope["method"], f"{HTTPStatus(status) // 100}xx").observe(seconds)


def metrics_page(processes: Iterable[str], counts: CaseCounts, outbox: OutboxStatus) -> bytes:
    """All metrics in Prometheus' text format; a process without work counts 0."""
    registry = CollectorRegistry()
    running = Gauge("countersign_cases_running", "Open cases.", ("process", "status"), registry=registry)
    by_process = {
        "countersign_cases_needing_attention": ("Cases that need attention.", counts.attention),
        "countersign_approvals_open": ("Open approvals.", counts.approvals),
        "countersign_approvals_overdue": ("Open approvals past their due time.", counts.overdue),
    }
    for (process, status), count in counts.cases.items():
        running.labels(process, status).set(count)
    for name, (description, by_key) in by_process.items():
        gauge = Gauge(name, description, ("process",), registry=registry)
        for process in processes:
            gauge.labels(process).set(by_key.get(process, 0))
    waiting = {
        "countersign_outbox_waiting": ("Messages waiting to be delivered.", outbox.waiting),
        "countersign_outbox_set_aside": ("Messages that failed permanently.", outbox.failed),
        "countersign_outbox_oldest_seconds": (
            "Age of the oldest waiting message, in seconds.",
            outbox.oldest_waiting_seconds,
        ),
    }
    for name, (description, value) in waiting.items():
        Gauge(name, description, registry=registry).set(value)
    return generate_latest(REGISTRY) + generate_latest(registry)
