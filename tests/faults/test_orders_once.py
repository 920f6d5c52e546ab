"""200 orders while workers are killed at every step: each effect once, and each reversal once and in reverse order."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import select

from backend.cases.outbox.outbox import Message
from backend.database.engine import Database
from backend.database.tables import Case, OutboxRow
from tests.support.conditions import eventually
from tests.support.desk_over_rest import in_parallel, outcome_of, persistently
from tests.support.fake_outside import FakeOutside, fake_outside
from tests.support.order_workers import Workers, order_workers
from tests.support.orders import order
from tests.support.running import Running, running_in

ORDERS = 200
REFUSED, TAKEN_BACK = "A street that no carrier finds", "A customer who changes their mind"
FORWARD = ["/reservations", "/charges", "/shipments"]
BACK = {
    "fulfilled": [],
    "refunded": ["/refunds", "/releases"],
    "cancelled": ["/cancellations", "/refunds", "/releases"],
}
# At which change of each kind who is killed, just before the answer.
ACTIVITY_KILLS = {
    "/reservations": (20, 70, 120, 170), "/charges": (30, 90, 150), "/shipments": (25, 75, 125),
    "/cancellations": (6, 18), "/refunds": (10, 35), "/releases": (15, 45),
}  # fmt: skip
WORKFLOW_KILLS = {"/reservations": (50,), "/charges": (60,), "/shipments": (50,), "/refunds": (22,), "/releases": (30,)}
KILLS = sum(len(counts) for kills in (ACTIVITY_KILLS, WORKFLOW_KILLS) for counts in kills.values())


def name_of(number: int) -> str:
    """Every sixth order cannot be shipped, and another sixth is cancelled while it is shipped."""
    return {0: REFUSED, 3: TAKEN_BACK}.get(number % 6, "Cem Kaya")


@pytest.fixture
def outside() -> Iterator[FakeOutside]:
    """Payment, inventory and shipping services over HTTP."""
    with fake_outside(stock={"LAMP-01": 100_000}) as outside:
        yield outside


def addresses(outside: FakeOutside) -> dict[str, str]:
    """The settings with the URLs of payments, inventory and shipping."""
    return {f"COUNTERSIGN_{name}_URL": outside.url for name in ("PAYMENTS", "INVENTORY", "SHIPPING")}


@pytest.fixture
def running(tmp_path: Path, outside: FakeOutside) -> Iterator[Running]:
    """A separate system, because its workers are stopped."""
    plan = {"COUNTERSIGN_ORDER_FULFILLMENT__STEP_WITHIN": "PT4S"}
    with running_in(tmp_path, **plan, **addresses(outside)) as running:
        yield running


@pytest.fixture
def ann(running: Running) -> Iterator[httpx2.Client]:
    """An API client of ann."""
    token = running.countersign("token", "create", "--user", "ann", "--name", "orders")
    headers = {"authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=f"{running.address}/api/v1", headers=headers, timeout=30) as client:
        yield client


def open_order(ann: httpx2.Client, number: int) -> str:
    """Open an order and return its reference."""
    form = order(order_id=f"A-{number}")
    form["customer"]["name"] = name_of(number)
    headers = {"idempotency-key": str(uuid4())}
    answer = persistently(lambda: ann.post("/processes/order_fulfillment/cases", json=form, headers=headers))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["reference"])


def take_back(ann: httpx2.Client, reference: str, url: str) -> None:
    """Withdraw the order and wait until its workflow has the signal; the parcel may be shipped before that."""
    persistently(lambda: ann.post(f"/cases/{reference}/recall", json={"reason": ""}))
    asyncio.run(_passed_on(url, reference))


async def _passed_on(url: str, reference: str) -> None:
    database = Database(url, 1)
    recall = (Case.reference == reference, OutboxRow.kind == Message.RECALL, OutboxRow.state == "sent")

    async def find() -> int | None:
        async with database.across_tenants() as session:
            found: int | None = await session.scalar(select(OutboxRow.id).join(Case).where(*recall))
            return found

    try:
        await eventually(find, 60)
    finally:
        await database.close()


def killing(workers: Workers, ann: httpx2.Client, url: str) -> Callable[[str, str, dict[str, Any]], None]:
    """What happens between an external change and its response."""
    counts: Counter[str] = Counter()

    def happen(path: str, key: str, body: dict[str, Any]) -> None:
        if path == "/shipments" and body["name"] == TAKEN_BACK:
            take_back(ann, key.split(":", maxsplit=1)[0], url)
        counts[path] += 1
        if counts[path] in WORKFLOW_KILLS.get(path, ()):
            workers.kill("workflow")
        if counts[path] in ACTIVITY_KILLS[path]:
            workers.kill("activity")

    return happen


def test_workers_killed_at_every_step_of_200_orders(running: Running, outside: FakeOutside, ann: httpx2.Client) -> None:
    outside.refuse_if = lambda path, body: path == "/shipments" and body["name"] == REFUSED
    with ExitStack() as stack:
        stack.enter_context(running.without_workers())
        workers = stack.enter_context(order_workers(os.environ | running.environment | addresses(outside)))
        outside.before_answer = killing(workers, ann, running.environment["COUNTERSIGN_DATABASE_URL"])
        references = in_parallel(lambda number: open_order(ann, number), range(ORDERS))
        outcomes = dict(zip(references, in_parallel(lambda one: outcome_of(ann, one), references), strict=True))
    assert workers.kills == KILLS >= 20
    wanted = {"Cem Kaya": "fulfilled", REFUSED: "refunded", TAKEN_BACK: "cancelled"}
    assert outcomes == {one: wanted[name_of(number)] for number, one in enumerate(references)}
    done: dict[str, list[str]] = {reference: [] for reference in references}
    for path, key in outside.log:
        done[key.split(":")[0]].append(path)
    for reference, outcome in outcomes.items():
        forward = FORWARD[:2] if outcome == "refunded" else FORWARD
        assert done[reference] == forward + BACK[outcome], reference
    assert outside.stock["LAMP-01"] == 100_000 - 2 * Counter(outcomes.values())["fulfilled"]
    assert sum(outside.looked_up.values()) >= 10, "hardly an answer was lost, so little was proved"
    assert all(running.countersign(*command) for command in (("audit", "verify"), ("outbox", "status")))
