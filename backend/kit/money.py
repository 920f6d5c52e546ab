"""Money: an exact amount in a currency."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from backend.kit.i18n import N_

MOST = Decimal("9999999999.99")
Amount = Annotated[
    Decimal, Field(max_digits=12, decimal_places=2), PlainSerializer(lambda d: f"{d:.2f}", return_type=str)
]


class Money(BaseModel):
    """An amount with two decimals and its ISO 4217 currency; on the wire the amount is a string."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Amount
    currency: str = Field(pattern="^[A-Z]{3}$")

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,.2f}"


def fits_an_amount(total: Decimal) -> None:
    """ValueError if the total is too large for an amount."""
    if total > MOST:
        raise ValueError(N_("The total must be below 10 billion"))
