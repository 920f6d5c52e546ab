"""The ERP: purchase orders, over HTTP where ERP_URL is set, else in our own tables."""

from typing import Protocol
from urllib.parse import quote

import httpx2
from pydantic import BaseModel
from sqlalchemy import text

from backend.database.engine import Database
from backend.kit.money import Money
from backend.services import effects
from backend.services.keyed import Keyed, Refused
from backend.services.keyed_http import KeyedHttp


class OrderLine(BaseModel):
    """One line of an order."""

    description: str
    quantity: int
    unit_price: Money


class PurchaseOrder(Keyed):
    """What to order from whom."""

    reference: str
    vendor: str
    cost_centre: str
    total: Money
    lines: list[OrderLine]


class IssuedOrder(BaseModel):
    """The number that the ERP assigned."""

    number: str


class OrderRefused(Refused):
    """The ERP will never accept this order."""


class Erp(Protocol):
    """Issues and cancels orders, each once per key."""

    async def issue(self, order: PurchaseOrder) -> IssuedOrder:
        """Issue the order; OrderRefused if the ERP refuses for good."""
        ...

    async def cancel(self, order: PurchaseOrder) -> None:
        """Cancel it; does nothing if there is none."""
        ...


class HttpErp:
    """`POST {url}/purchase-orders` with an `Idempotency-Key`; `GET {url}/purchase-orders/{key}` looks an order up."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._http = KeyedHttp("The ERP", url, client)

    async def issue(self, order: PurchaseOrder) -> IssuedOrder:
        """Issue once."""
        body = order.content()
        answer = await self._http.send("/purchase-orders", order.key, body, answers=IssuedOrder)
        return self._http.read(answer, IssuedOrder)

    async def cancel(self, order: PurchaseOrder) -> None:
        """Cancel by the key it was issued with; 404 means that there is nothing to cancel."""
        path = f"/purchase-orders/{quote(order.key, safe='')}/cancellation"
        await self._http.send(path, f"{order.key}:cancel", {}, expected=frozenset({httpx2.codes.NOT_FOUND}))


_NEXT = text("SELECT nextval('case_numbers') AS number")


class PostgresErp:
    """Orders in our own effects table, numbered by it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def issue(self, order: PurchaseOrder) -> IssuedOrder:
        """Issue; the same key gets the same number."""
        row = await self._database.look_up(_NEXT, {})
        assert row is not None  # noqa: S101 - a sequence always has a next number
        return await effects.once(
            self._database, "purchase_order", order, IssuedOrder(number=f"PO-{row['number']:06d}")
        )

    async def cancel(self, order: PurchaseOrder) -> None:
        """Mark it as cancelled."""
        async with self._database.transaction(order.tenant) as session:
            await effects.undo(session, "purchase_order", order)
