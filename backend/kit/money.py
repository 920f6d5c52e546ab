"""Money: an exact amount in a currency."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

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


def fits_an_amount(total: Decimal, whole: str) -> None:
    """ValueError with a sentence about the whole if no amount can hold this total."""
    if total > MOST:
        raise ValueError(f"{whole} comes to less than ten thousand million")
