"""The contract of each port, for both of its adapters: over HTTP, and in our own tables."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import cast

import httpx2
import pytest
from sqlalchemy import select

from backend.activities.core.services import Services
from backend.database.engine import Database
from backend.database.tables import Budget, Effect, StockItem
from backend.kit.money import Money
from backend.services.budgets import BudgetRequest, PostgresBudgets
from backend.services.erp import OrderLine, PurchaseOrder
from backend.services.inventory import StockLine, StockRequest
from backend.services.keyed import Keyed, Refused, attempt
from backend.services.keyed_http import UnexpectedAnswer
from backend.services.payments import Charge
from backend.services.shipping import Shipment
from backend.settings import Settings
from backend.workers.ports import open_services
from tests.support.fake_outside import FakeOutside, fake_outside

STOCK = {"LAMP-01": 100_000, "SHELF-07": 3, "RUG-11": 0}
EUR_10 = Money(amount=Decimal(10), currency="EUR")


@dataclass
class Side:
    """The ports with one kind of adapter, and access to the system behind them."""

    ports: Services
    outside: FakeOutside | None

    async def stands(self, key: str) -> bool:
        """Whether the change with this key is in effect: done and not undone."""
        if self.outside:
            return key in self.outside.done and key not in self.outside.undone
        async with self.ports.database.transaction("default") as session:
            undone: list[object] = list(await session.scalars(select(Effect.undone_at).where(Effect.key == key)))
        return undone == [None]

    async def free(self, sku: str) -> int:
        """How many of an article can still be reserved."""
        if self.outside:
            return self.outside.free(sku)
        async with self.ports.database.transaction("default") as session:
            return (await session.get_one(StockItem, ("default", sku))).free


def url_settings(folder: Path, url: str) -> Settings:
    """Settings with every port over HTTP; with an empty URL, none."""
    return Settings(data_dir=folder, erp_url=url, payments_url=url, inventory_url=url, shipping_url=url)


@pytest.fixture
async def over_http(database: Database, tmp_path: Path) -> AsyncIterator[Side]:
    """The HTTP adapters, and a fake system that counts requests."""
    with fake_outside(stock=dict(STOCK)) as outside:
        async with open_services(url_settings(tmp_path, outside.url), database) as ports:
            yield Side(ports, outside)


@pytest.fixture
async def in_postgres(database: Database, tmp_path: Path) -> AsyncIterator[Side]:
    """The adapters that use our own tables."""
    async with open_services(url_settings(tmp_path, ""), database) as ports:
        yield Side(ports, None)


@pytest.fixture(params=["over_http", "in_postgres"])
def side(request: pytest.FixtureRequest) -> Side:
    """Each kind of adapter in turn."""
    return cast("Side", request.getfixturevalue(request.param))


def charge(key: str = "ORD-1:charge", amount: int = 10) -> Charge:
    return Charge(tenant="default", key=key, reference="ORD-1", total=Money(amount=Decimal(amount), currency="EUR"))


def order() -> PurchaseOrder:
    line = OrderLine(description="Desk", quantity=1, unit_price=EUR_10)
    given = {"reference": "PUR-1", "vendor": "Nordwerk", "cost_centre": "4200", "total": EUR_10, "lines": [line]}
    return PurchaseOrder(tenant="default", key="PUR-1:order", **given)


def parcel() -> Shipment:
    lines = [StockLine(sku="LAMP-01", quantity=2)]
    given = {"reference": "ORD-1", "name": "Cem Kaya", "address": "Hafenstraße 3, Linz", "lines": lines}
    return Shipment(tenant="default", key="ORD-1:shipment", **given)


def wish(key: str = "ORD-1:inventory", **lines: int) -> StockRequest:
    wanted = [StockLine(sku=sku.replace("_", "-"), quantity=number) for sku, number in lines.items()]
    return StockRequest(tenant="default", key=key, reference="ORD-1", lines=wanted)


Do = Callable[[Services], Awaitable[object]]
STEPS: dict[str, tuple[str, Do, Do]] = {
    "order": ("PUR-1:order", lambda on: on.erp.issue(order()), lambda on: on.erp.cancel(order())),
    "charge": ("ORD-1:charge", lambda on: on.payments.charge(charge()), lambda on: on.payments.refund(charge())),
    "shipment": ("ORD-1:shipment", lambda on: on.shipping.create(parcel()), lambda on: on.shipping.cancel(parcel())),
    "stock": (
        "ORD-1:inventory",
        lambda on: on.inventory.reserve(wish(LAMP_01=2)),
        lambda on: on.inventory.release(wish(LAMP_01=2)),
    ),
}
step = pytest.mark.parametrize("name", STEPS)


@step
async def test_the_same_key_has_one_effect_and_the_same_answer(side: Side, name: str) -> None:
    key, do, _ = STEPS[name]
    first = await do(side.ports)
    again = await asyncio.gather(*(do(side.ports) for _ in range(5)))
    assert again == [first] * 5
    assert await side.stands(key)


@step
async def test_it_is_undone_once_however_often_that_is_asked(side: Side, name: str) -> None:
    key, do, undo = STEPS[name]
    await do(side.ports)
    await asyncio.gather(*(undo(side.ports) for _ in range(3)))
    assert not await side.stands(key)
    assert await side.free("LAMP-01") == 100_000


@step
async def test_undoing_what_was_never_done_is_harmless(side: Side, name: str) -> None:
    key, _, undo = STEPS[name]
    await undo(side.ports)
    assert not await side.stands(key)
    assert await side.free("LAMP-01") == 100_000


@step
async def test_an_attempt_that_comes_after_its_undoing_has_no_effect(in_postgres: Side, name: str) -> None:
    key, do, undo = STEPS[name]
    await undo(in_postgres.ports)
    with pytest.raises(Refused):
        await do(in_postgres.ports)
    assert not await in_postgres.stands(key)
    assert await in_postgres.free("LAMP-01") == 100_000


async def test_a_declined_card_is_an_answer_and_charges_nothing(side: Side) -> None:
    answer = await side.ports.payments.charge(charge(amount=25_001))
    assert (answer.declined, answer.number) == (True, "")


async def test_a_payment_has_a_number_that_names_its_case_and_no_step(in_postgres: Side) -> None:
    assert (await in_postgres.ports.payments.charge(charge())).number == "PAY-ORD-1"


async def test_as_much_is_reserved_as_there_is(side: Side) -> None:
    stock = await side.ports.inventory.reserve(wish(LAMP_01=2, SHELF_07=5, RUG_11=1))
    assert {line.sku: line.quantity for line in stock.reserved} == {"LAMP-01": 2, "SHELF-07": 3}
    assert await side.free("SHELF-07") == 0
    await side.ports.inventory.release(wish(LAMP_01=2, SHELF_07=5, RUG_11=1))
    assert (await side.free("SHELF-07"), await side.free("LAMP-01")) == (3, 100_000)


async def test_with_an_unknown_sku_nothing_is_reserved(side: Side) -> None:
    stock = await side.ports.inventory.reserve(wish(LAMP_01=2, NONE_1=1))
    assert (stock.reserved, stock.unknown) == ([], ["NONE-1"])
    assert await side.free("LAMP-01") == 100_000


async def test_the_last_ones_go_to_one_of_many(side: Side) -> None:
    wishes = [wish(f"ORD-{number}:inventory", LAMP_01=1, SHELF_07=2) for number in range(8)]
    answers = await asyncio.gather(*(side.ports.inventory.reserve(each) for each in wishes))
    shelves = [line.quantity for answer in answers for line in answer.reserved if line.sku == "SHELF-07"]
    assert sorted(shelves) == [1, 2]
    assert await side.free("SHELF-07") == 0


async def test_a_budget_is_reserved_once_and_given_back_once(database: Database) -> None:
    budgets = PostgresBudgets(database)
    request = BudgetRequest(tenant="default", key="PUR-1:budget", cost_centre="9900", total=EUR_10)
    plenty = request.model_copy(update={"key": "PUR-2:budget", "cost_centre": "4200"})
    assert not (await budgets.reserve(request)).reserved
    assert [(await budgets.reserve(plenty)).reserved for _ in range(2)] == [True, True]
    for _ in range(2):
        await budgets.release(request)
        await budgets.release(plenty)
    async with database.transaction("default") as session:
        assert {budget.reserved for budget in await session.scalars(select(Budget))} == {Decimal(0)}


async def test_the_last_of_a_budget_goes_to_one_of_many(database: Database) -> None:
    budgets = PostgresBudgets(database)
    async with database.transaction("default") as session:
        budget = await session.get_one(Budget, ("default", "4200"))
        budget.reserved = budget.amount - 25
    asked = [
        BudgetRequest(tenant="default", key=f"PUR-{number}:budget", cost_centre="4200", total=EUR_10)
        for number in range(8)
    ]
    first = await asyncio.gather(*(budgets.reserve(each) for each in asked for _ in range(2)))
    again = await asyncio.gather(*(budgets.reserve(each) for each in asked for _ in range(2)))
    assert again == first
    assert sum(answer.reserved for answer in first[::2]) == 2
    async with database.transaction("default") as session:
        assert (budget.amount - (await session.get_one(Budget, ("default", "4200"))).reserved) == 5


async def test_a_budget_that_was_given_back_is_not_reserved_too_late(database: Database) -> None:
    budgets = PostgresBudgets(database)
    request = BudgetRequest(tenant="default", key="PUR-1:budget", cost_centre="4200", total=EUR_10)
    await budgets.release(request)
    with pytest.raises(Refused):
        await budgets.reserve(request)
    async with database.transaction("default") as session:
        assert (await session.get_one(Budget, ("default", "4200"))).reserved == 0


@step
async def test_a_second_attempt_looks_before_it_sends(over_http: Side, name: str) -> None:
    key, do, _ = STEPS[name]
    assert over_http.outside
    over_http.outside.lose_every = 1
    with pytest.raises(httpx2.TransportError):
        await do(over_http.ports)
    with attempt(2):
        await do(over_http.ports)
    assert (over_http.outside.asked[key], over_http.outside.looked_up[key]) == (1, 1)


@step
@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"[]", b'{"items": [], "total": 0}', b'"ok"'])
async def test_a_lookup_that_answers_something_else_is_no_lookup(over_http: Side, name: str, body: bytes) -> None:
    key, do, _ = STEPS[name]
    assert over_http.outside
    over_http.outside.lookup_body = body
    first = await do(over_http.ports)
    with attempt(2):
        assert await do(over_http.ports) == first
    assert (over_http.outside.asked[key], over_http.outside.looked_up[key]) == (2, 1)
    assert await over_http.stands(key)


async def test_an_order_without_a_number_is_said_in_words(over_http: Side) -> None:
    assert over_http.outside
    over_http.outside.answer_instead = {"ok": True}
    with pytest.raises(
        UnexpectedAnswer, match=r"^The ERP answered with something else than expected \(status 20\d\)\.$"
    ):
        await over_http.ports.erp.issue(order())


@step
async def test_a_second_attempt_sends_if_the_first_never_arrived(over_http: Side, name: str) -> None:
    key, do, _ = STEPS[name]
    with attempt(2):
        await do(over_http.ports)
    assert over_http.outside
    assert (over_http.outside.asked[key], await over_http.stands(key)) == (1, True)


@step
@pytest.mark.parametrize(
    ("status", "error"), [(422, Refused), (429, httpx2.HTTPStatusError), (503, httpx2.HTTPStatusError)]
)
async def test_never_and_not_now_are_told_apart(
    over_http: Side, name: str, status: int, error: type[Exception]
) -> None:
    assert over_http.outside
    over_http.outside.out_of_order = status
    with pytest.raises(error):
        await STEPS[name][1](over_http.ports)


def test_every_key_names_the_case_the_step_and_the_round() -> None:
    assert Keyed(tenant="default", key="ORD-1:charge").key_of("refund") == "ORD-1:refund"
    assert Keyed(tenant="default", key="ORD-1:charge-2").key_of("refund") == "ORD-1:refund-2"
