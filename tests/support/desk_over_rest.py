"""REST calls for tests with real processes: open, approve and wait, with retries while a server is down."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import uuid4

import httpx2

from tests.support.purchases import purchase

Found = TypeVar("Found")
AT_ONCE = 10
PAUSE = 0.1
TOO_MANY = 429


def persistently(ask: Callable[[], httpx2.Response], seconds: float = 150) -> httpx2.Response:
    """Retry until a response arrives that is neither 429 nor 5xx."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = ask()
        except httpx2.TransportError:
            answer = None
        if answer is not None and answer.status_code < 500 and answer.status_code != TOO_MANY:
            return answer
        assert time.monotonic() < deadline, answer.text if answer is not None else "no connection"
        time.sleep(PAUSE)


def open_purchase(client: httpx2.Client, key: str = "", total: str = "10.00") -> str:
    """Open a purchase and return its reference."""
    headers = {"idempotency-key": key or str(uuid4())}
    path = "/processes/purchase_approval/cases"
    answer = persistently(lambda: client.post(path, json=purchase(total), headers=headers))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["reference"])


def in_parallel(work: Callable[[Any], Any], over: Iterable[Any]) -> list[Any]:
    """Run ten at a time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, over))


def approval_of(client: httpx2.Client, reference: str, seconds: float = 90) -> dict[str, Any]:
    """Wait for the open approval of a case."""

    def find() -> dict[str, Any] | None:
        listed = persistently(lambda: client.get("/approvals", params={"case": reference, "state": "open"}))
        items: list[dict[str, Any]] = listed.json()["items"]
        return items[0] if items else None

    return wait_for(find, seconds)


def approve(client: httpx2.Client, reference: str) -> None:
    """Approve the open approval of a case as this person."""
    approve_found(client, approval_of(client, reference))


def approve_found(client: httpx2.Client, found: dict[str, Any]) -> None:
    """Approve this approval as it was read from the REST API."""
    body = {"decision": "approve", "comment": "", "version": found["version"]}
    answer = persistently(lambda: client.post(f"/approvals/{found['id']}/decision", json=body))
    assert answer.status_code == 200, answer.text


def outcome_of(client: httpx2.Client, reference: str, seconds: float = 300) -> str:
    """Wait for the case to end and return its outcome."""

    def find() -> str | None:
        outcome: str | None = persistently(lambda: client.get(f"/cases/{reference}")).json()["outcome"]
        return outcome

    return wait_for(find, seconds)


def wait_for(find: Callable[[], Found | None], seconds: float) -> Found:
    """Poll until something true is found; AssertionError after the timeout."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(PAUSE)
    return found
