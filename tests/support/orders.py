"""Orders and their results."""

from typing import Any
from uuid import uuid4

from sqlalchemy import select

from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.database.tables import Case, Effect, StockItem
from backend.processes import by_key
from tests.support.cast import person
from tests.support.temporal import Desk

STEPS = ("reserve", "charge", "create", "send")
NOTHING_LEFT = {"LAMP-01": 0, "SHELF-07": 0}


def line(sku: str = "LAMP-01", quantity: int = 2, unit_price: str = "60.00") -> dict[str, Any]:
    """One line of an order."""
    return {"sku": sku, "quantity": quantity, "unit_price": unit_price}


def order(*lines: dict[str, Any], address: str = "Hafenstraße 3, 4020 Linz", **changes: Any) -> dict[str, Any]:
    """The JSON of an order with these lines."""
    form = {
        "order_id": "A-1001",
        "customer": {"name": "Cem Kaya", "email": "cem.kaya@example.com", "address": address},
        "currency": "EUR",
        "items": list(lines or (line(),)),
    }
    return form | changes


async def opened(desk: Desk, *lines: dict[str, Any], **changes: Any) -> Case:
    """An order with these lines, opened by ann."""
    return await desk.open_case("order_fulfillment", order(*lines, **changes), "ann")


async def an_order(database: Database, *lines: dict[str, Any], **changes: Any) -> Case:
    """An order with these lines by ann, without a workflow."""
    process, by = by_key()["order_fulfillment"], await person(database, "ann")
    form = process.input.model_validate(order(*lines, **changes))
    async with database.transaction(by.tenant) as session:
        opened = await open_case(session, Submission(process, form, source=Source.API, key=str(uuid4()), by=by))
    return opened.case


async def cancel(desk: Desk, case: Case) -> None:
    """Ann cancels her order."""
    await withdraw(desk.database, by_key(), case.reference, "Changed my mind.", by=await person(desk.database, "ann"))


async def reserved(database: Database) -> dict[str, int]:
    """How much is reserved of each article used in tests."""
    async with database.transaction("default") as session:
        rows = await session.scalars(select(StockItem).where(StockItem.sku.in_(NOTHING_LEFT)))
        return {item.sku: item.reserved for item in rows}


async def standing(database: Database, case: Case) -> dict[str, bool]:
    """The effects of a case by step, and whether each is still in force."""
    async with database.transaction("default") as session:
        rows = await session.scalars(select(Effect).where(Effect.key.startswith(case.reference)))
        return {row.key.split(":")[1]: row.undone_at is None for row in rows}


def end_of(case: Case) -> dict[str, Any]:
    """The result of the workflow."""
    assert case.result is not None
    return case.result
