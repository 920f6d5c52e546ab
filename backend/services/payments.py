"""Payments: charges and refunds, over HTTP where PAYMENTS_URL is set, else in our own tables."""

from decimal import Decimal
from typing import Protocol

import httpx2
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from backend.database.engine import Database
from backend.kit.money import Money
from backend.services import effects
from backend.services.keyed import Keyed
from backend.services.keyed_http import KeyedHttp

# Without a payment system, every card has the same limit.
CARD_LIMIT = Decimal(25_000)


class Charge(Keyed):
    """What to charge for which case."""

    reference: str
    total: Money


class Charged(BaseModel):
    """The payment number, or that the card was declined and nothing was charged."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    number: str = Field(default="", validation_alias=AliasChoices("number", "id"))
    declined: bool = False


class Payments(Protocol):
    """Charges and refunds, each once per key."""

    async def charge(self, charge: Charge) -> Charged:
        """Charge, or say that the card was declined; Refused if this can never be charged."""
        ...

    async def refund(self, charge: Charge) -> None:
        """Refund what was charged; does nothing if nothing was."""
        ...


class HttpPayments:
    """`POST {url}/charges` and `/refunds`, each with an `Idempotency-Key`; 402 is a declined card."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self._http = KeyedHttp("Payments", url, client)

    async def charge(self, charge: Charge) -> Charged:
        """Charge once."""
        body = charge.content()
        declined = frozenset({httpx2.codes.PAYMENT_REQUIRED})
        answer = await self._http.send("/charges", charge.key, body, expected=declined, answers=Charged)
        if answer.status_code in declined:
            return Charged(declined=True)
        return self._http.read(answer, Charged)

    async def refund(self, charge: Charge) -> None:
        """Refund by the key it was charged with; 404 means that there is nothing to refund."""
        body = charge.content() | {"charge": charge.key}
        nothing = frozenset({httpx2.codes.NOT_FOUND})
        await self._http.send("/refunds", charge.key_of("refund"), body, expected=nothing)


class PostgresPayments:
    """Charges in our own effects table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def charge(self, charge: Charge) -> Charged:
        """Charge once; the same key gets the same answer. A case is charged once, so its reference is the number."""
        declined = charge.total.amount > CARD_LIMIT
        charged = Charged(declined=declined, number="" if declined else f"PAY-{charge.reference}")
        return await effects.once(self._database, "charge", charge, charged)

    async def refund(self, charge: Charge) -> None:
        """Mark it as refunded."""
        async with self._database.transaction(charge.tenant) as session:
            await effects.undo(session, "charge", charge)
