"""Prometheus metrics: requests, open work by process, and the outbox."""

from http import HTTPStatus

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest
from starlette.types import Scope

from backend.cases.core.access import Processes
from backend.cases.operations.health import Work
from backend.cases.operations.metrics import CaseCounts
from backend.cases.outbox.outbox import OutboxStatus

REQUESTS = Histogram("countersign_request_seconds", "Response time in seconds.", ("route", "method", "status"))


def observe(scope: Scope, status: int, seconds: float) -> None:
    """Record a request by the name of its route, not by its path, which contains references."""
    route = getattr(scope.get("route"), "name", "") or "none"
    REQUESTS.labels(route, scope["method"], f"{HTTPStatus(status) // 100}xx").observe(seconds)


def metrics_page(
    processes: Processes, counts: CaseCounts, outbox: OutboxStatus, work: Work, *, every_tenant: bool
) -> bytes:
    """All metrics in Prometheus' text format; a process without work counts 0.

    What fails and what became of emails is counted over every tenant, so it is left out for the operator of one.
    """
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
    _add_workers(registry, processes, work)
    if every_tenant:
        _add_work(registry, work)
    return generate_latest(REGISTRY) + generate_latest(registry)


def _add_workers(registry: CollectorRegistry, processes: Processes, work: Work) -> None:
    """Who is alive."""
    workers = Gauge("countersign_workers", "Living workers of a task queue.", ("queue",), registry=registry)
    for queue in {queue for process in processes.values() for queue in process.queues}:
        workers.labels(queue).set(work.alive.queues.get(queue, 0))
    relays = Gauge("countersign_relays", "Living relay processes.", registry=registry)
    relays.set(work.alive.roles.get("relay", 0))


def _add_work(registry: CollectorRegistry, work: Work) -> None:
    """What fails, and what became of emails."""
    failing = Gauge("countersign_steps_failing", "Cases with a failing step.", ("process", "step"), registry=registry)
    for each in work.steps:
        failing.labels(each.process, each.step or "workflow").set(each.cases)
    emails = Gauge("countersign_emails", "Emails by state.", ("state",), registry=registry)
    for state, count in work.emails.items():
        emails.labels(state).set(count)
    latency = Gauge("countersign_outbox_delivery_seconds", "Time to delivery.", ("quantile",), registry=registry)
    latency.labels("0.5").set(work.median.total_seconds())
    latency.labels("0.95").set(work.slow.total_seconds())
