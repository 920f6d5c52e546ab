"""The lists: the form of a row, the table that holds it, and what a change must not break."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import SQLModel

from backend.database.tables import Budget, CreditRating, StockItem
from backend.kit.fields import FormField
from backend.kit.i18n import N_
from backend.kit.money import Amount
from backend.kit.text import customer_key, single_line

Currency = Annotated[Literal["EUR"], FormField(widget="currency", width="narrow")]


class CostCentre(BaseModel):
    """A cost centre and its budget."""

    model_config = ConfigDict(extra="forbid")

    cost_centre: Annotated[str, FormField(width="narrow")] = Field(
        title=N_("Number"), min_length=1, max_length=40, examples=["4200"]
    )
    name: Annotated[str, FormField(width="wide")] = Field(
        title=N_("Name"), min_length=1, max_length=120, examples=["Logistics"]
    )
    amount: Annotated[Amount, FormField(widget="money", width="narrow")] = Field(title=N_("Budget"), ge=0)
    currency: Currency = Field(title=N_("Currency"), default="EUR")


class Product(BaseModel):
    """A product and how many there are."""

    model_config = ConfigDict(extra="forbid")

    sku: Annotated[str, FormField(width="narrow")] = Field(
        title=N_("Article number"), min_length=1, max_length=40, examples=["LAMP-01"]
    )
    name: Annotated[str, FormField(width="wide")] = Field(
        title=N_("Name"), min_length=1, max_length=120, examples=["Desk lamp"]
    )
    quantity: Annotated[int, FormField(width="narrow")] = Field(title=N_("In stock"), ge=0, le=100_000_000)


class Rating(BaseModel):
    """A customer's credit rating."""

    model_config = ConfigDict(extra="forbid")

    customer: Annotated[str, FormField(width="wide")] = Field(
        title=N_("Customer"), min_length=1, max_length=120, examples=["Nordwerk Möbel GmbH"]
    )
    score: Annotated[int, FormField(width="narrow")] = Field(title=N_("Score"), ge=0, le=100)
    credit: Annotated[Amount, FormField(widget="money", width="narrow")] = Field(title=N_("Credit limit"), ge=0)
    currency: Currency = Field(title=N_("Currency"), default="EUR")


@dataclass(frozen=True, kw_only=True)
class ReferenceList:
    """One list: the field that identifies a row, and how it is stored.

    `reserved` is the column that processes change, and `covers` the field that must not fall below it.
    """

    id: str
    title: str
    help: str
    one: str
    model: type[BaseModel]
    table: type[SQLModel]
    key: str
    reserved: str = ""
    covers: str = ""
    spelled: Callable[[str], str] = single_line

    @property
    def fields(self) -> list[str]:
        """The names of its fields, in order."""
        return list(self.model.model_fields)

    def stored(self, form: BaseModel) -> dict[str, Any]:
        """The columns of a row."""
        values = {name: getattr(form, name) for name in self.fields}
        texts = {name: single_line(value) for name, value in values.items() if isinstance(value, str)}
        return values | texts | {self.key: self.spelled(values[self.key])}

    def refusals(self, row: SQLModel, form: BaseModel | None) -> dict[str, str]:
        """What is wrong with this change to a row, or with its removal (None), by field."""
        reserved = getattr(row, self.reserved) if self.reserved else 0
        if not reserved or (form is not None and getattr(form, self.covers) >= reserved):
            return {}
        amount = f"{reserved:,}"
        if form is None:
            return {self.covers: N_("{amount} of it is reserved, so it cannot be removed.").format(amount=amount)}
        return {self.covers: N_("{amount} of it is reserved. Enter at least as much.").format(amount=amount)}

    def shown(self, row: SQLModel) -> dict[str, Any]:
        """A row as JSON, by the names of its fields."""
        return self.model.model_construct(**{name: getattr(row, name) for name in self.fields}).model_dump(mode="json")


LISTS = {
    each.id: each
    for each in (
        ReferenceList(
            id="cost-centres",
            title=N_("Cost centres"),
            help=N_("Purchases are charged to a cost centre, as long as its budget covers them."),
            one=N_("Cost centre"),
            model=CostCentre,
            table=Budget,
            key="cost_centre",
            reserved="reserved",
            covers="amount",
        ),
        ReferenceList(
            id="stock",
            title=N_("Stock"),
            help=N_("Orders reserve and ship these products."),
            one=N_("Product"),
            model=Product,
            table=StockItem,
            key="sku",
            reserved="reserved",
            covers="quantity",
        ),
        ReferenceList(
            id="credit-ratings",
            title=N_("Credit ratings"),
            help=N_("Credit checks look the customer up by name; upper and lower case do not matter."),
            one=N_("Credit rating"),
            model=Rating,
            table=CreditRating,
            key="customer",
            spelled=customer_key,
        ),
    )
}
