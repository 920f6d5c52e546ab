"""The ERP: purchase orders, over HTTP where ERP_URL is set, else in our own tables."""

from typing import Protocol
from urllib.parse import quote

import httpx2
from pydantic import BaseModel
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from backend.database.engine import Database
from backend.database.tables import Effect
from backend.kit.money import Money

ANSWER_SECONDS = 20.0
CLIENT_ERRORS = range(400, 500)
WORTH_ANOTHER_TRY = {408, 409, 425, 429}


class OrderLine(BaseModel):
    """One line of an order."""

    description: str
    quantity: int
    unit_price: Money


class PurchaseOrder(BaseModel):
    """What to order from whom; the key is `{reference}:{step}`."""

    tenant: str
    key: str
    reference: str
    vendor: str
    cost_centre: str
    total: Money
    lines: list[OrderLine]


class IssuedOrder(BaseModel):
    """The number that the ERP gave the order."""

    number: str


class OrderRefused(Exception):
    """The ERP will never accept this order."""


class Erp(Protocol):
    """Issues and cancels orders, each once a key."""

    async def issue(self, order: PurchaseOrder) -> IssuedOrder:
        """Issue the order; OrderRefused if the ERP refuses for good."""
        ...

    async def cancel(self, order: PurchaseOrder) -> None:
        """Cancel it; nothing happens if there is none."""
        ...


class HttpErp:
    """`POST {url}/purchase-orders` with an `Idempotency-Key`."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._url = url.rstrip("/")
        self._client = client

    async def issue(self, order: PurchaseOrder) -> IssuedOrder:
        """Issue; whatever may pass by itself raises httpx2's errors and is tried again."""
        body = order.model_dump(mode="json", exclude={"tenant", "key"})
        answer = await self._send("POST", "/purchase-orders", order.key, body)
        if answer.status_code in CLIENT_ERRORS and answer.status_code not in WORTH_ANOTHER_TRY:
            raise OrderRefused(f"The ERP answered {answer.status_code}.")
        answer.raise_for_status()
        return IssuedOrder.model_validate(answer.json())

    async def cancel(self, order: PurchaseOrder) -> None:
        """Cancel by the key it was issued with; 404 means that there is nothing to cancel."""
        path = f"/purchase-orders/{quote(order.key, safe='')}/cancellation"
        answer = await self._send("POST", path, f"{order.key}:cancel", {})
        if answer.status_code != httpx2.codes.NOT_FOUND:
            answer.raise_for_status()

    async def _send(self, method: str, path: str, key: str, body: dict[str, object]) -> httpx2.Response:
        return await self._client.request(
            method,
            self._url + path,
            json=body,
            headers={"Idempotency-Key": key},
            timeout=ANSWER_SECONDS,
        )


class PostgresErp:
    """Orders in our own effects table, numbered by it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def issue(self, order: PurchaseOrder) -> IssuedOrder:
        """Issue; the same key gets the same number."""
        async with self._database.transaction(order.tenant) as session:
            number = await session.scalar(text("select nextval('case_numbers')"))
            row = {
                "tenant_id": order.tenant,
                "key": order.key,
                "kind": "purchase_order",
                "request": order.model_dump(mode="json"),
                "result": {"number": f"PO-{number:06d}"},
            }
            await session.execute(insert(Effect).values(row).on_conflict_do_nothing())
            stored = await session.scalar(select(Effect.result).where(Effect.key == order.key))
            return IssuedOrder.model_validate(stored)

    async def cancel(self, order: PurchaseOrder) -> None:
        """Mark it as cancelled."""
        async with self._database.transaction(order.tenant) as session:
            mine = (Effect.key == order.key, Effect.undone_at.is_(None))
            await session.execute(update(Effect).where(*mine).values(undone_at=func.clock_timestamp()))
