"""The stock: reservations, over HTTP where INVENTORY_URL is set, else in our own tables."""

from typing import Protocol

import httpx2
from pydantic import BaseModel
from sqlalchemy import bindparam, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.engine import Database
from backend.database.tables import StockItem
from backend.services import effects
from backend.services.keyed import Keyed
from backend.services.keyed_http import KeyedHttp

# Always in the same order, so that two orders of the same articles cannot deadlock.
_HOLD = text("SELECT sku, quantity - reserved AS free FROM stock WHERE sku = ANY(:skus) ORDER BY sku FOR UPDATE")
# The key and the quantities in one statement; nothing is reserved twice under one key.
_TAKE = text("""
    WITH noted AS (
        INSERT INTO effects (tenant_id, key, kind, request, result)
        VALUES (:tenant_id, :key, :kind, :request, :result)
        ON CONFLICT DO NOTHING RETURNING key, result
    ), taken AS (
        UPDATE stock s SET reserved = s.reserved + line.quantity
        FROM noted, jsonb_to_recordset(noted.result -> 'reserved') line(sku text, quantity int)
        WHERE s.sku = line.sku
    )
    SELECT key FROM noted
""").bindparams(bindparam("request", type_=JSONB), bindparam("result", type_=JSONB))


class StockLine(BaseModel):
    """A quantity of one article."""

    sku: str
    quantity: int


class StockRequest(Keyed):
    """What to reserve for which case; each SKU once."""

    reference: str
    lines: list[StockLine]


class Stock(BaseModel):
    """What is reserved now. With an unknown SKU, nothing is."""

    reserved: list[StockLine] = []
    unknown: list[str] = []


class Inventory(Protocol):
    """Reserves and releases, each once per key."""

    async def reserve(self, request: StockRequest) -> Stock:
        """Reserve as much of each line as there is; Refused if it can never be reserved."""
        ...

    async def release(self, request: StockRequest) -> None:
        """Release what this key reserved; does nothing if it reserved nothing."""
        ...


class HttpInventory:
    """`POST {url}/reservations` and `/releases`, each with an `Idempotency-Key`."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._http = KeyedHttp("The stock", url, client)

    async def reserve(self, request: StockRequest) -> Stock:
        """Reserve once; an answer without lines means all of them."""
        body = request.content()
        answer = await self._http.send("/reservations", request.key, body, answers=Stock)
        stock = self._http.read(answer, Stock)
        return stock if stock.model_fields_set else Stock(reserved=request.lines)

    async def release(self, request: StockRequest) -> None:
        """Release by the key it was reserved with; 404 means that there is nothing to release."""
        body = {"reservation": request.key, "reference": request.reference}
        nothing = frozenset({httpx2.codes.NOT_FOUND})
        await self._http.send("/releases", request.key_of("release"), body, expected=nothing)


class PostgresInventory:
    """Stock in our own tables: quantities and the key change in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, request: StockRequest) -> Stock:
        """Reserve once; the same key gets the same answer."""
        async with self._database.transaction(request.tenant) as session:
            stock = await _there(session, request.lines)
            given = effects.row_of("reservation", request, stock)
            if await session.scalar(_TAKE, given) is None:
                return Stock.model_validate(await effects.result_of(session, request))
            return stock

    async def release(self, request: StockRequest) -> None:
        """Release, once."""
        async with self._database.transaction(request.tenant) as session:
            undone = await effects.undo(session, "reservation", request)
            for line in Stock.model_validate(undone or {}).reserved:
                mine = StockItem.sku == line.sku
                await session.execute(update(StockItem).where(mine).values(reserved=StockItem.reserved - line.quantity))


async def _there(session: AsyncSession, lines: list[StockLine]) -> Stock:
    """As much of each line as there is, locked for this transaction."""
    wanted = {line.sku: line.quantity for line in lines}
    free = {row.sku: row.free for row in await session.execute(_HOLD, {"skus": list(wanted)})}
    unknown = sorted(wanted.keys() - free.keys())
    if unknown:
        return Stock(unknown=unknown)
    there = [StockLine(sku=sku, quantity=min(wanted[sku], left)) for sku, left in free.items()]
    return Stock(reserved=[line for line in there if line.quantity])
