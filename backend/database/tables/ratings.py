"""Credit ratings of customers, where no external system is asked for them."""

from decimal import Decimal

from sqlalchemy import Column, Numeric
from sqlmodel import Field, SQLModel


class CreditRating(SQLModel, table=True):
    """One customer's score, and up to which amount they have credit."""

    __tablename__ = "credit_ratings"
    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id")
    customer: str = Field(primary_key=True, description="The name in lower case, with single spaces.")
    score: int
    credit: Decimal = Field(sa_column=Column(Numeric(18, 2), nullable=False))
    currency: str = "EUR"
