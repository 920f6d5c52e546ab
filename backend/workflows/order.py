"""An order: what comes in, which ones are looked at, and what of it can be sent."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.kit.case import Case
from backend.kit.fields import FormField
from backend.kit.money import Amount, Money, fits_an_amount
from backend.kit.process import Fact
from backend.kit.progress import Milestone, MilestoneState
from backend.services.inventory import StockLine

REVIEW_FROM = Decimal(5_000)


class OrderItem(BaseModel):
    """One line of an order."""

    model_config = ConfigDict(extra="forbid")

    sku: Annotated[str, FormField(choices="stock")] = Field(
        title="Article", min_length=1, max_length=40, examples=["LAMP-01"]
    )
    quantity: int = Field(title="Quantity", ge=1, le=10_000)
    unit_price: Annotated[Amount, FormField(widget="money", missing="Enter a price, such as 118.00")] = Field(
        title="Price of one", gt=0
    )

    @property
    def total(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.unit_price


class Customer(BaseModel):
    """Who ordered, and where it goes."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, FormField(width="wide")] = Field(title="Name", min_length=1, max_length=120, pattern=r"\S")
    email: Annotated[str, FormField(width="narrow")] = Field(
        title="E-mail", max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", examples=["cem.kaya@example.com"]
    )
    address: str = Field(
        title="Address", min_length=1, max_length=300, pattern=r"\S", examples=["Hafenstraße 3, 4020 Linz"]
    )


class OrderFulfillment(BaseModel):
    """An order as it comes in; the form is drawn from these fields."""

    model_config = ConfigDict(extra="forbid")

    order_id: Annotated[str, FormField(section="Order", width="wide")] = Field(
        title="Order number", min_length=1, max_length=60, pattern=r"^[A-Za-z0-9._-]+$", examples=["A-1001"]
    )
    currency: Annotated[Literal["EUR", "USD", "GBP", "CHF"], FormField(width="narrow")] = Field(
        title="Currency", default="EUR"
    )
    customer: Annotated[Customer, FormField(section="Customer")] = Field(title="Customer")
    items: Annotated[list[OrderItem], FormField(section="Items")] = Field(
        title="Items", min_length=1, max_length=50, description="Up to 50 lines, all in the order's currency."
    )

    @field_validator("items", mode="before")
    @classmethod
    def one_currency(cls, value: Any, info: ValidationInfo) -> Any:
        """A price may come with its currency, which has to be the order's."""
        if not isinstance(value, list):
            return value
        currency = info.data.get("currency", "EUR")
        for number, line in enumerate(value, start=1):
            price = line.get("unit_price") if isinstance(line, dict) else None
            if isinstance(price, dict) and price.get("currency") != currency:
                raise ValueError(f"Line {number} is not priced in {currency}; an order has one currency")
        return [_with_plain_price(line) for line in value]

    @field_validator("items")
    @classmethod
    def not_beyond_counting(cls, value: list[OrderItem]) -> list[OrderItem]:
        """The total has to be an amount that can be charged."""
        fits_an_amount(sum((item.total for item in value), Decimal()), "An order")
        return value

    @property
    def total(self) -> Money:
        """What all lines cost together."""
        return Money(amount=sum((item.total for item in self.items), Decimal()), currency=self.currency)


def _with_plain_price(line: Any) -> Any:
    if isinstance(line, dict) and isinstance(line.get("unit_price"), dict):
        return {**line, "unit_price": line["unit_price"].get("amount")}
    return line


class OrderPlan(BaseModel):
    """Durations of an order; fixed when the case starts.

    A step that a worker began is taken for lost after `step_within`, and begun again.
    """

    review_due: timedelta = timedelta(hours=4)
    review_reminder: timedelta = timedelta(hours=2)
    review_deadline: timedelta = timedelta(days=2)
    choose_within: timedelta = timedelta(days=3)
    look_again: timedelta = timedelta(days=1)
    wait_for_stock: timedelta = timedelta(days=14)
    step_within: timedelta = timedelta(seconds=30)


OrderCase = Case[OrderFulfillment, OrderPlan]


def risks(form: OrderFulfillment, former_addresses: Sequence[str]) -> list[str]:
    """Why somebody looks at an order before it is charged; empty if nobody has to."""
    found = []
    if form.total.amount >= REVIEW_FROM:
        found.append(f"it comes to {form.currency} {REVIEW_FROM:,.2f} or more")
    if any(_spoken(each) != _spoken(form.customer.address) for each in former_addresses):
        found.append("the address differs from the last order's")
    return found


def _spoken(address: str) -> str:
    """An address as one would say it: case, spaces and punctuation do not count."""
    return "".join(letter for letter in address.casefold() if letter.isalnum())


def wanted(form: OrderFulfillment) -> list[StockLine]:
    """What has to be put aside, each article once."""
    lines: dict[str, int] = {}
    for item in form.items:
        lines[item.sku] = lines.get(item.sku, 0) + item.quantity
    return [StockLine(sku=sku, quantity=quantity) for sku, quantity in lines.items()]


def missing(form: OrderFulfillment, reserved: Sequence[StockLine]) -> list[StockLine]:
    """What is wanted and not put aside."""
    there = {line.sku: line.quantity for line in reserved}
    left = [StockLine(sku=each.sku, quantity=each.quantity - there.get(each.sku, 0)) for each in wanted(form)]
    return [line for line in left if line.quantity > 0]


def price_of(form: OrderFulfillment, reserved: Sequence[StockLine]) -> Money:
    """What is to be paid for what is put aside: the lines in their order, as far as there is enough."""
    left = {line.sku: line.quantity for line in reserved}
    total = Decimal()
    for item in form.items:
        quantity = min(item.quantity, left.get(item.sku, 0))
        left[item.sku] = left.get(item.sku, 0) - quantity
        total += quantity * item.unit_price
    return Money(amount=total, currency=form.currency)


def together(first: Sequence[StockLine], more: Sequence[StockLine]) -> list[StockLine]:
    """Two reservations as one."""
    lines = {line.sku: line.quantity for line in first}
    for line in more:
        lines[line.sku] = lines.get(line.sku, 0) + line.quantity
    return [StockLine(sku=sku, quantity=quantity) for sku, quantity in lines.items()]


def order_milestones(case: OrderCase) -> list[Milestone]:
    """Received, reserved, looked at, charged, sent, confirmed."""
    received = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    return [
        Milestone(key="sent", label="Received", state=MilestoneState.DONE, **received),
        Milestone(key="stock", label="Stock reserved"),
        Milestone(key="review", label="Looked at", detail="if it is risky"),
        Milestone(key="payment", label="Charged", detail=str(case.input.total)),
        Milestone(key="shipment", label="Shipped"),
        Milestone(key="confirmation", label="Confirmed"),
    ]


def order_facts(form: OrderFulfillment) -> list[Fact]:
    """What orders staff look at first."""
    return [
        Fact(label="Order number", value=form.order_id),
        Fact(label="Customer", value=form.customer.name),
        Fact(label="E-mail", value=form.customer.email),
        Fact(label="Address", value=form.customer.address),
        Fact(label="Total", value=form.total),
    ]
