"""The stock: reservations, over HTTP where INVENTORY_URL is set, else in our own tables."""

from typing import Protocol

import httpx2
from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.engine import Database
from backend.database.tables import StockItem
from backend.services import effects
from backend.services.keyed import Keyed
from backend.services.keyed_http import KeyedHttp, content


class StockLine(BaseModel):
    """So many of one thing."""

    sku: str
    quantity: int


class StockRequest(Keyed):
    """What to put aside for which case; each SKU once."""

    reference: str
    lines: list[StockLine]


class Stock(BaseModel):
    """What is put aside now. With a SKU that nobody knows, nothing is."""

    reserved: list[StockLine] = []
    unknown: list[str] = []


class Inventory(Protocol):
    """Reserves and releases, each once a key."""

    async def reserve(self, request: StockRequest) -> Stock:
        """Put aside as much of each line as there is; Refused if this can never be reserved."""
        ...

    async def release(self, request: StockRequest) -> None:
        """Put back what this key reserved; nothing happens if it reserved nothing."""
        ...


class HttpInventory:
    """`POST {url}/reservations` and `/releases`, each with an `Idempotency-Key`."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._http = KeyedHttp("The stock", url, client)

    async def reserve(self, request: StockRequest) -> Stock:
        """Reserve once; an answer that names no lines means all of them."""
        body = request.model_dump(mode="json", exclude={"tenant", "key"})
        known = content(await self._http.send("/reservations", request.key, body))
        if "reserved" not in known and "unknown" not in known:
            return Stock(reserved=request.lines)
        return Stock.model_validate(known)

    async def release(self, request: StockRequest) -> None:
        """Release by the key it was reserved with; 404 means that there is nothing to put back."""
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
            if not await effects.first_time(session, "reservation", request):
                return Stock.model_validate(await effects.result_of(session, request))
            stock = await _take(session, request.lines)
            await effects.settle(session, request, stock)
            return stock

    async def release(self, request: StockRequest) -> None:
        """Put back, once."""
        async with self._database.transaction(request.tenant) as session:
            undone = await effects.undo(session, "reservation", request)
            for line in Stock.model_validate(undone or {}).reserved:
                mine = StockItem.sku == line.sku
                await session.execute(update(StockItem).where(mine).values(reserved=StockItem.reserved - line.quantity))


async def _take(session: AsyncSession, lines: list[StockLine]) -> Stock:
    wanted = {line.sku: line.quantity for line in lines}
    # In one order for everybody, so that two orders of the same things do not block each other.
    rows = select(StockItem).where(StockItem.sku.in_(wanted)).order_by(StockItem.sku).with_for_update()
    items = list(await session.scalars(rows))
    unknown = sorted(wanted.keys() - {item.sku for item in items})
    if unknown:
        return Stock(unknown=unknown)
    taken = [StockLine(sku=item.sku, quantity=min(wanted[item.sku], item.free)) for item in items]
    for item, line in zip(items, taken, strict=True):
        item.reserved += line.quantity
    return Stock(reserved=[line for line in taken if line.quantity])
