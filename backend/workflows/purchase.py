"""A purchase: what is asked for, who is asked about it, and what lists and pages show of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.kit.approval import ALL, Step
from backend.kit.case import Case
from backend.kit.fields import FormField, from_today
from backend.kit.money import Amount, Money, fits_an_amount
from backend.kit.priority import Priority
from backend.kit.process import Fact
from backend.kit.progress import Milestone, MilestoneState

FINANCE_FROM = Decimal(1_000)
BOTH_OF_FINANCE_FROM = Decimal(10_000)
URGENT_WITHIN = timedelta(days=7)


class PurchaseItem(BaseModel):
    """One line of a purchase."""

    model_config = ConfigDict(extra="forbid")

    description: str = Field(title="Description", min_length=1, max_length=200, examples=["Standing desk 160 × 80"])
    quantity: int = Field(title="Quantity", ge=1, le=100_000)
    unit_price: Annotated[Amount, FormField(widget="money", missing="Enter a price, such as 118.00")] = Field(
        title="Price of one", gt=0
    )

    @property
    def total(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.unit_price


class PurchaseApproval(BaseModel):
    """What the requester fills in; the form is drawn from these fields."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, FormField(section="What is it for", width="wide")] = Field(
        title="Title",
        min_length=1,
        max_length=120,
        description="Approvers read this first. Name the thing and the place.",
        examples=["Standing desks for the dispatch office"],
    )
    needed_by: Annotated[date, FormField(width="narrow")] = Field(title="Needed by")
    vendor: Annotated[str, FormField(width="wide")] = Field(
        title="Vendor", min_length=1, max_length=120, examples=["Nordwerk Möbel GmbH"]
    )
    cost_centre: Annotated[str, FormField(choices="cost_centres", width="narrow")] = Field(
        title="Cost centre", min_length=1, max_length=40
    )
    currency: Annotated[Literal["EUR"], FormField(section="Items", width="narrow")] = Field(
        title="Currency", default="EUR"
    )
    items: list[PurchaseItem] = Field(
        title="Items", min_length=1, max_length=50, description="Up to 50 lines. Prices without tax."
    )
    justification: Annotated[str, FormField(widget="long", section="Why, and what proves it")] = Field(
        title="Justification",
        min_length=1,
        max_length=4000,
        description="Two sentences are enough: what happens if we do not buy it?",
    )
    attachments: Annotated[list[UUID], FormField(widget="files")] = Field(
        title="Attachments",
        default_factory=list,
        max_length=5,
        description="PDF, PNG or JPEG, up to 10 MB each, five at most. Files stay with the draft.",
    )

    @field_validator("needed_by")
    @classmethod
    def not_in_the_past(cls, value: date, info: ValidationInfo) -> date:
        """Nothing is needed yesterday."""
        return from_today(value, info)

    @field_validator("items")
    @classmethod
    def not_beyond_counting(cls, value: list[PurchaseItem]) -> list[PurchaseItem]:
        """The total has to be an amount that can be reserved."""
        fits_an_amount(sum((item.total for item in value), Decimal()), "A purchase")
        return value

    @property
    def total(self) -> Money:
        """What all lines cost together."""
        return Money(amount=sum((item.total for item in self.items), Decimal()), currency=self.currency)


class PurchasePlan(BaseModel):
    """Durations and switches of a purchase; fixed when the case starts.

    With `working_time` the durations of a question count on the tenant's calendar: a day is a working day.
    """

    manager_due: timedelta = timedelta(days=2)
    finance_due: timedelta = timedelta(days=2)
    reminder: timedelta = timedelta(days=1)
    last_reminder: timedelta | None = None
    working_time: bool = False
    escalation: timedelta = timedelta(days=2)
    deadline: timedelta = timedelta(days=14)
    amend_within: timedelta = timedelta(days=14)
    escalates: bool = True
    undo_window: timedelta = timedelta(0)
    keep_votes: bool = False


PurchaseCase = Case[PurchaseApproval, PurchasePlan]


def approval_steps(case: PurchaseCase) -> Sequence[Step]:
    """Below 1,000 the manager; from 1,000 one of finance too; from 10,000 both of finance (CONTRACT.md)."""
    total = case.input.total.amount
    manager = _step(case, "manager", "Manager", (f"manager_of:{case.opened_by}",), case.plan.manager_due)
    finance = _step(case, "finance", "Finance", ("group:finance",), case.plan.finance_due)
    if total >= BOTH_OF_FINANCE_FROM:
        both = {"needed": ALL, "because": f"From {case.input.currency} {BOTH_OF_FINANCE_FROM:,.2f} all of finance"}
        return [manager, finance.model_copy(update=both)]
    if total >= FINANCE_FROM:
        because = f"From {case.input.currency} {FINANCE_FROM:,.2f} one of finance"
        return [manager, finance.model_copy(update={"because": because})]
    return [manager]


def _step(case: PurchaseCase, key: str, label: str, who: tuple[str, ...], due: timedelta) -> Step:
    form, plan = case.input, case.plan
    others = "The other managers are asked too" if key == "manager" else "The managers are asked too"
    return Step(
        key=key,
        label=label,
        question=f"Buy {form.title} from {form.vendor}?",
        who=who,
        due=due,
        because="Every purchase",
        reminder=plan.reminder,
        reminders=(plan.last_reminder,) if plan.last_reminder else (),
        escalation=plan.escalation if plan.escalates else None,
        escalate_to=("group:managers",),
        deadline=plan.deadline,
        undo_within=plan.undo_window,
        keep_votes=plan.keep_votes,
        correctable=("cost_centre", "needed_by"),
        working_time=plan.working_time,
        if_nobody=f"{others}, and at the deadline the request expires." if plan.escalates else "The request expires.",
        effects=(
            f"reserve {form.total} on {form.cost_centre}",
            f"send the purchase order to {form.vendor}",
            f"tell {case.opened_by_name}",
        ),
    )


def purchase_milestones(case: PurchaseCase) -> list[Milestone]:
    """Sent, one for each level, budget, order."""
    levels = [Milestone(key=step.key, label=step.label) for step in approval_steps(case)]
    return [
        Milestone(
            key="sent",
            label="Sent",
            state=MilestoneState.DONE,
            who=case.opened_by_name,
            since=case.opened_at,
            done_at=case.opened_at,
        ),
        *levels,
        Milestone(key="budget", label="Budget reserved", detail=case.input.cost_centre),
        Milestone(key="order", label="Order issued", detail=f"to {case.input.vendor}"),
    ]


def purchase_priority(form: PurchaseApproval, today: date) -> Priority:
    """High if it is needed within a week."""
    return Priority.HIGH if form.needed_by - today < URGENT_WITHIN else Priority.NORMAL


def purchase_facts(form: PurchaseApproval) -> list[Fact]:
    """What an approver looks at first."""
    return [
        Fact(label="Vendor", value=form.vendor),
        Fact(label="Cost centre", value=form.cost_centre),
        Fact(label="Needed by", value=form.needed_by),
        Fact(label="Lines", value=str(len(form.items))),
    ]
