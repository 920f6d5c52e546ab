"""Stock, charge and shipment of an order are in its activity, each once, however often their activity runs."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from backend.activities.charge_payment_activity import charge_payment
from backend.activities.core.services import Services, use_services
from backend.activities.create_shipment_activity import create_shipment
from backend.activities.release_inventory_activity import release_inventory
from backend.activities.reserve_inventory_activity import reserve_inventory, reserved_sentence
from backend.cases.core.journal import journal_of
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.money import Money
from backend.services.inventory import StockLine, StockRequest
from backend.services.keyed import Refused
from backend.services.payments import Charge, Charged, PostgresPayments
from backend.services.shipping import Shipment
from tests.support.orders import an_order

LINES = [StockLine(sku="LAMP-01", quantity=2), StockLine(sku="SHELF-07", quantity=1)]


def keyed(case: Case, step: str) -> dict[str, str]:
    """The key of a step of this case."""
    return {"tenant": "default", "key": f"{case.reference}:{step}", "reference": case.reference}


def stock(case: Case, lines: list[StockLine] | None = None, step: str = "inventory") -> StockRequest:
    return StockRequest(**keyed(case, step), lines=lines or LINES)


def charge(case: Case, amount: int = 684) -> Charge:
    return Charge(**keyed(case, "charge"), total=Money(amount=Decimal(amount), currency="EUR"))


def parcel(case: Case) -> Shipment:
    return Shipment(**keyed(case, "shipment"), name="Cem Kaya", address="Hafenstraße 3, 4020 Linz", lines=LINES)


@dataclass(frozen=True)
class Step:
    """An activity, its request, and the port behind it."""

    activity: Callable[[Any], Awaitable[Any]]
    request: Callable[[Case], Any]
    port: Callable[[Services], Callable[[Any], Awaitable[Any]]]
    said: str


STEPS = {
    "stock": Step(reserve_inventory, stock, lambda on: on.inventory.reserve, "Reserved 2 × LAMP-01, 1 × SHELF-07."),
    "charge": Step(charge_payment, charge, lambda on: on.payments.charge, "Charged EUR 684.00. Payment: PAY-{case}."),
    "shipment": Step(
        create_shipment, parcel, lambda on: on.shipping.create, "Shipped to Cem Kaya. Tracking number: {tracking}."
    ),
}
each_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)


@pytest.fixture(autouse=True)
def in_a_worker(services: Services) -> Iterator[None]:
    """Activities have the services of a worker."""
    with use_services(services):
        yield


async def told(database: Database, case: Case) -> list[str]:
    """What the activity of the case says after it was opened, oldest first."""
    async with database.transaction("default") as session:
        lines = await journal_of(session, case.id)
    return [line.sentence for line in reversed(lines) if line.actor is None]


@each_step
async def test_an_activity_that_runs_again_is_told_once(database: Database, step: Step) -> None:
    case, other = await an_order(database), await an_order(database)
    first = await step.activity(step.request(case))
    assert await step.activity(step.request(case)) == first
    said = step.said.format(case=case.reference, tracking=getattr(first, "tracking_number", ""))
    assert await told(database, case) == [said]
    assert await told(database, other) == []


@each_step
async def test_what_was_done_before_its_worker_died_is_told_by_the_next_attempt(
    database: Database, services: Services, step: Step
) -> None:
    case = await an_order(database)
    await step.port(services)(step.request(case))
    assert await told(database, case) == []
    await step.activity(step.request(case))
    assert len(await told(database, case)) == 1


async def test_each_reservation_of_an_order_is_told(database: Database) -> None:
    case = await an_order(database)
    await reserve_inventory(stock(case, [StockLine(sku="LAMP-01", quantity=1)]))
    await reserve_inventory(stock(case, [StockLine(sku="SHELF-07", quantity=1)], step="inventory-2"))
    assert await told(database, case) == ["Reserved 1 × LAMP-01.", "Reserved 1 × SHELF-07."]


async def test_what_had_no_effect_is_not_told(database: Database) -> None:
    case = await an_order(database)
    assert (await reserve_inventory(stock(case, [StockLine(sku="RUG-11", quantity=1)]))).reserved == []
    assert (await charge_payment(charge(case, amount=25_001))).declined
    assert await told(database, case) == []


async def test_an_attempt_that_comes_after_its_undoing_is_not_told(database: Database) -> None:
    case = await an_order(database)
    await release_inventory(stock(case))
    with pytest.raises(Refused):
        await reserve_inventory(stock(case))
    assert await told(database, case) == []


class NumberlessPayments(PostgresPayments):
    """A payment system that gives no number."""

    async def charge(self, charge: Charge) -> Charged:
        await super().charge(charge)
        return Charged()


async def test_a_charge_without_a_number_is_told_without_one(database: Database, services: Services) -> None:
    case = await an_order(database)
    with use_services(replace(services, payments=NumberlessPayments(database))):
        await charge_payment(charge(case))
    assert await told(database, case) == ["Charged EUR 684.00."]


@pytest.mark.parametrize(
    ("articles", "end"), [(10, "1 × A-9."), (11, "1 × A-9 and 1 more article."), (50, "1 × A-9 and 40 more articles.")]
)
def test_of_many_articles_only_the_first_are_named(articles: int, end: str) -> None:
    sentence = reserved_sentence([StockLine(sku=f"A-{number}", quantity=1) for number in range(articles)])
    assert sentence.startswith("Reserved 1 × A-0, 1 × A-1, ")
    assert sentence.endswith(f", {end}")
