"""Shipping: parcels and their tracking numbers, over HTTP where SHIPPING_URL is set, else in our own tables."""

import hashlib
from typing import Protocol

import httpx2
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from backend.database.engine import Database
from backend.services import effects
from backend.services.inventory import StockLine
from backend.services.keyed import Keyed
from backend.services.keyed_http import KeyedHttp


class Shipment(Keyed):
    """What to ship to whom."""

    reference: str
    name: str
    address: str
    lines: list[StockLine]


class Shipped(BaseModel):
    """The tracking number, and the carrier's tracking page if there is one."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    tracking_number: str = Field(default="", validation_alias=AliasChoices("tracking_number", "number", "id"))
    tracking_url: str = ""


class Shipping(Protocol):
    """Creates and cancels shipments, each once per key."""

    async def create(self, shipment: Shipment) -> Shipped:
        """Ship it; Refused if the carrier will never accept it."""
        ...

    async def cancel(self, shipment: Shipment) -> None:
        """Stop it; does nothing if there is none. Refused if it is on its way."""
        ...


class HttpShipping:
    """`POST {url}/shipments` and `/cancellations`, each with an `Idempotency-Key`."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._http = KeyedHttp("Shipping", url, client)

    async def create(self, shipment: Shipment) -> Shipped:
        """Create once."""
        body = shipment.content()
        answer = await self._http.send("/shipments", shipment.key, body, answers=Shipped)
        return self._http.read(answer, Shipped)

    async def cancel(self, shipment: Shipment) -> None:
        """Cancel by the key it was created with; 404 means that there is nothing to cancel."""
        body = {"shipment": shipment.key, "reference": shipment.reference}
        nothing = frozenset({httpx2.codes.NOT_FOUND})
        await self._http.send("/cancellations", shipment.key_of("cancellation"), body, expected=nothing)


class PostgresShipping:
    """Shipments in our own effects table, numbered by their key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, shipment: Shipment) -> Shipped:
        """Create once; the same key gets the same number."""
        shipped = Shipped(tracking_number=_number(shipment))
        return await effects.once(self._database, "shipment", shipment, shipped)

    async def cancel(self, shipment: Shipment) -> None:
        """Mark it as cancelled."""
        async with self._database.transaction(shipment.tenant) as session:
            await effects.undo(session, "shipment", shipment)


def _number(shipment: Shipment) -> str:
    """Ten digits derived from the key."""
    digest = hashlib.sha256(f"{shipment.tenant}:{shipment.key}".encode()).hexdigest()
    return f"CS{int(digest, 16) % 10**10:010d}"
