"""An order: its form, when it needs a review, and what of it can be shipped."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.kit.addresses import takes_email
from backend.kit.approval import APPROVE, REJECT, Step
from backend.kit.case import Case
from backend.kit.fields import FormField
from backend.kit.i18n import N_, NN_
from backend.kit.money import Amount, Money, fits_an_amount
from backend.kit.process import Fact
from backend.kit.progress import Milestone, MilestoneState, RowNote
from backend.services.inventory import StockLine
from backend.services.payments import Charge, Charged
from backend.services.shipping import Shipment, Shipped

REVIEW_FROM = Decimal(5_000)
RELEASE = APPROVE.model_copy(update={"label": N_("Release"), "done": N_("released")})


class OrderItem(BaseModel):
    """One line of an order."""

    model_config = ConfigDict(extra="forbid")

    sku: Annotated[str, FormField(lookup="stock")] = Field(
        title=N_("Article"), min_length=1, max_length=40, examples=["LAMP-01"]
    )
    quantity: int = Field(title=N_("Quantity"), ge=1, le=10_000)
    unit_price: Annotated[Amount, FormField(widget="money", missing=N_("Enter a price, such as 118.00"))] = Field(
        title=N_("Unit price"), gt=0
    )

    @property
    def total(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.unit_price


class Customer(BaseModel):
    """Who ordered, and where it goes."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, FormField(width="wide")] = Field(title=N_("Name"), min_length=1, max_length=120, pattern=r"\S")
    email: Annotated[str, FormField(width="narrow", partner=True)] = Field(
        title=N_("Email"), max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", examples=["cem.kaya@example.com"]
    )
    address: str = Field(
        title=N_("Address"), min_length=1, max_length=300, pattern=r"\S", examples=["Hafenstraße 3, 4020 Linz"]
    )

    @field_validator("email")
    @classmethod
    def takes_email(cls, value: str, info: ValidationInfo) -> str:
        """The confirmation goes there."""
        return takes_email(value, info)


class OrderFulfillment(BaseModel):
    """An order as it comes in; the form is drawn from these fields."""

    model_config = ConfigDict(extra="forbid")

    order_id: Annotated[str, FormField(section=N_("Order"), width="wide", once=True)] = Field(
        title=N_("Order number"), min_length=1, max_length=60, pattern=r"^[A-Za-z0-9._-]+$", examples=["A-1001"]
    )
    currency: Annotated[Literal["EUR", "USD", "GBP", "CHF"], FormField(widget="currency", width="narrow")] = Field(
        title=N_("Currency"), default="EUR"
    )
    customer: Annotated[Customer, FormField(section=N_("Customer"))] = Field(title=N_("Customer"))
    items: Annotated[list[OrderItem], FormField(section=N_("Items"))] = Field(
        title=N_("Items"),
        min_length=1,
        max_length=50,
        description=N_("Up to 50 lines, all in the currency of the order."),
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
                sentence = N_("Line {number} is not priced in {currency}; an order has one currency")
                raise ValueError(sentence.format(number=number, currency=currency))
        return [_with_plain_price(line) for line in value]

    @field_validator("items")
    @classmethod
    def within_limits(cls, value: list[OrderItem]) -> list[OrderItem]:
        """The total has to be an amount that can be charged."""
        fits_an_amount(sum((item.total for item in value), Decimal()))
        return value

    @property
    def total(self) -> Money:
        """The sum of all lines."""
        return Money(amount=sum((item.total for item in self.items), Decimal()), currency=self.currency)


def _with_plain_price(line: Any) -> Any:
    if isinstance(line, dict) and isinstance(line.get("unit_price"), dict):
        return {**line, "unit_price": line["unit_price"].get("amount")}
    return line


class OrderPlan(BaseModel):
    """Durations of an order; fixed when the case starts.

    A step is retried when its worker has not finished it within `step_within`.
    """

    review_due: timedelta = timedelta(hours=4)
    review_reminder: timedelta = timedelta(hours=2)
    review_deadline: timedelta = timedelta(days=2)
    choose_within: timedelta = timedelta(days=3)
    look_again: timedelta = timedelta(days=1)
    wait_for_stock: timedelta = timedelta(days=14)
    step_within: timedelta = timedelta(seconds=30)


OrderCase = Case[OrderFulfillment, OrderPlan]


def risks(form: OrderFulfillment, previous_addresses: Sequence[str]) -> list[str]:
    """Why an order is reviewed before it is charged; empty if it needs no review."""
    found = []
    if form.total.amount >= REVIEW_FROM:
        limit = Money(amount=REVIEW_FROM, currency=form.currency)
        found.append(N_("the total is {amount} or more").format(amount=limit))
    if any(_spoken(each) != _spoken(form.customer.address) for each in previous_addresses):
        found.append(N_("the address differs from the last order"))
    return found


def review_step(case: OrderCase, reasons: Sequence[str], total: Money) -> Step:
    """Orders staff decide on a risky order."""
    form, plan = case.input, case.plan
    question = N_("Release order {number} for {name}? Review needed: {cause}.")
    if len(reasons) > 1:
        question = N_("Release order {number} for {name}? Review needed: {cause}, and {other_cause}.")
    cause, other_cause = reasons[0], reasons[-1]
    values = {"number": form.order_id, "name": form.customer.name, "cause": cause, "other_cause": other_cause}
    return Step(
        key="review",
        label=N_("Order review"),
        question=question.format(**values),
        who=("group:orders",),
        options=(RELEASE, REJECT),
        due=plan.review_due,
        reminder=plan.review_reminder,
        deadline=plan.review_deadline,
        if_nobody=N_("The order expires at the deadline, and nothing is charged."),
        effects=(
            N_("Charges {amount}").format(amount=total),
            N_("Ships the order to {address_text}").format(address_text=form.customer.address),
            N_("Notifies {name}").format(name=form.customer.name),
        ),
    )


def order_subject(case: OrderCase, total: Money) -> str:
    """The order, as sentences name it."""
    return N_("order {number} for {amount}").format(number=case.input.order_id, amount=total)


def _spoken(address: str) -> str:
    """An address as it is spoken: case, spaces and punctuation do not count."""
    return "".join(letter for letter in address.casefold() if letter.isalnum())


def wanted(form: OrderFulfillment) -> list[StockLine]:
    """What has to be reserved, each article once."""
    lines: dict[str, int] = {}
    for item in form.items:
        lines[item.sku] = lines.get(item.sku, 0) + item.quantity
    return [StockLine(sku=sku, quantity=quantity) for sku, quantity in lines.items()]


def missing(form: OrderFulfillment, reserved: Sequence[StockLine]) -> list[StockLine]:
    """What was ordered and is not reserved."""
    there = {line.sku: line.quantity for line in reserved}
    left = [StockLine(sku=each.sku, quantity=each.quantity - there.get(each.sku, 0)) for each in wanted(form)]
    return [line for line in left if line.quantity > 0]


def price_of(form: OrderFulfillment, reserved: Sequence[StockLine]) -> Money:
    """The price of what is reserved."""
    shares = zip(form.items, _shares(form, reserved), strict=True)
    total = sum((quantity * item.unit_price for item, quantity in shares), Decimal())
    return Money(amount=total, currency=form.currency)


def missing_notes(form: OrderFulfillment, reserved: Sequence[StockLine]) -> list[RowNote]:
    """What the items of the order say where some of a line is missing."""
    notes = []
    for row, (item, quantity) in enumerate(zip(form.items, _shares(form, reserved), strict=True)):
        count = item.quantity - quantity
        if count:
            sentence = NN_("{count} of {total} is missing", "{count} of {total} are missing", count)
            text = sentence.format(count=f"{count:,}", total=f"{item.quantity:,}")
            notes.append(RowNote(field="items", row=row, text=text))
    return notes


def _shares(form: OrderFulfillment, reserved: Sequence[StockLine]) -> list[int]:
    """How much of each line is reserved: the lines in their order, as far as there is enough."""
    left = {line.sku: line.quantity for line in reserved}
    shares = []
    for item in form.items:
        shares.append(min(item.quantity, left.get(item.sku, 0)))
        left[item.sku] = left.get(item.sku, 0) - shares[-1]
    return shares


def items_text(lines: Sequence[StockLine]) -> str:
    """How many items these are."""
    count = sum(line.quantity for line in lines)
    return NN_("{count} item", "{count} items", count).format(count=f"{count:,}")


def charge_as_approved(form: OrderFulfillment, charge: Charge) -> bool:
    """Whether this charges no more than was ordered."""
    return charge.total.currency == form.currency and Decimal() <= charge.total.amount <= form.total.amount


def shipment_as_approved(form: OrderFulfillment, shipment: Shipment) -> bool:
    """Whether this ships no more than was ordered, to the customer who ordered it."""
    most = {line.sku: line.quantity for line in wanted(form)}
    fits = all(line.quantity <= most.get(line.sku, 0) for line in shipment.lines)
    return fits and (shipment.name, shipment.address) == (form.customer.name, form.customer.address)


def combined(first: Sequence[StockLine], more: Sequence[StockLine]) -> list[StockLine]:
    """Two reservations as one."""
    lines = {line.sku: line.quantity for line in first}
    for line in more:
        lines[line.sku] = lines.get(line.sku, 0) + line.quantity
    return [StockLine(sku=sku, quantity=quantity) for sku, quantity in lines.items()]


def order_milestones(case: OrderCase) -> list[Milestone]:
    """Received, reserved, reviewed, charged, shipped, confirmed."""
    received = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    return [
        Milestone(key="sent", label=N_("Received"), state=MilestoneState.DONE, **received),
        Milestone(key="stock", label=N_("Stock reserved")),
        Milestone(key="review", label=N_("Reviewed"), detail=N_("if it is risky")),
        Milestone(key="payment", label=N_("Charged"), detail=str(case.input.total)),
        Milestone(key="shipment", label=N_("Shipped")),
        Milestone(key="confirmation", label=N_("Confirmed")),
    ]


def order_numbers(charged: Charged, shipped: Shipped, total: Money) -> dict[str, str]:
    """What the result of an order says; without a number where the other system gives none."""
    numbers = {
        N_("Tracking number"): shipped.tracking_number,
        N_("Charged"): str(total),
        N_("Payment"): charged.number,
    }
    return {label: value for label, value in numbers.items() if value}


def order_facts(form: OrderFulfillment) -> list[Fact]:
    """What orders staff look at first."""
    return [
        Fact(label=N_("Order number"), value=form.order_id),
        Fact(label=N_("Customer"), value=form.customer.name),
        Fact(label=N_("Email"), value=form.customer.email),
        Fact(label=N_("Address"), value=form.customer.address),
        Fact(label=N_("Total"), value=form.total),
    ]
