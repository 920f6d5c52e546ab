"""A purchase: its form, who approves it, and what lists and pages show of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from backend.kit.approval import ALL, Step
from backend.kit.case import Case
from backend.kit.fields import FormField, from_today
from backend.kit.i18n import N_
from backend.kit.money import Amount, Money, fits_an_amount
from backend.kit.priority import Priority
from backend.kit.process import Fact
from backend.kit.progress import Milestone, MilestoneState
from backend.services.budgets import BudgetRequest
from backend.services.erp import PurchaseOrder

FINANCE_FROM = Decimal(1_000)
BOTH_OF_FINANCE_FROM = Decimal(10_000)
URGENT_WITHIN = timedelta(days=7)


class PurchaseItem(BaseModel):
    """One line of a purchase."""

    model_config = ConfigDict(extra="forbid")

    description: str = Field(title=N_("Description"), min_length=1, max_length=200, examples=["Standing desk 160 × 80"])
    quantity: int = Field(title=N_("Quantity"), ge=1, le=100_000)
    unit_price: Annotated[Amount, FormField(widget="money", missing=N_("Enter a price, such as 118.00"))] = Field(
        title=N_("Unit price"), gt=0
    )

    @property
    def total(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.unit_price


class PurchaseApproval(BaseModel):
    """What the requester fills in; the form is drawn from these fields."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, FormField(section=N_("Details"), width="wide")] = Field(
        title=N_("Title"),
        min_length=1,
        max_length=120,
        description=N_("Approvers read this first: what you need, and where."),
        examples=["Standing desks for the dispatch office"],
    )
    needed_by: Annotated[date, FormField(width="narrow")] = Field(title=N_("Needed by"))
    vendor: Annotated[str, FormField(width="wide", suggests=True, partner=True)] = Field(
        title=N_("Vendor"), min_length=1, max_length=120, examples=["Nordwerk Möbel GmbH"]
    )
    cost_centre: Annotated[str, FormField(lookup="cost_centres", width="narrow")] = Field(
        title=N_("Cost centre"), min_length=1, max_length=40
    )
    currency: Annotated[Literal["EUR"], FormField(widget="currency", section=N_("Items"), width="narrow")] = Field(
        title=N_("Currency"), default="EUR"
    )
    items: list[PurchaseItem] = Field(
        title=N_("Items"), min_length=1, max_length=50, description=N_("Up to 50 lines. Prices exclude tax.")
    )
    justification: Annotated[str, FormField(widget="long", section=N_("Justification and attachments"))] = Field(
        title=N_("Justification"),
        min_length=1,
        max_length=4000,
        description=N_("Two sentences are enough: why do we need it now?"),
    )
    attachments: Annotated[list[UUID], FormField(widget="files")] = Field(
        title=N_("Attachments"),
        default_factory=list,
        max_length=5,
        description=N_("Up to 5 files: PDF, PNG or JPEG, 10 MB each. Files are kept with the draft."),
    )

    @field_validator("needed_by")
    @classmethod
    def not_in_the_past(cls, value: date, info: ValidationInfo) -> date:
        """Nothing can be needed in the past."""
        return from_today(value, info)

    @field_validator("items")
    @classmethod
    def within_limits(cls, value: list[PurchaseItem]) -> list[PurchaseItem]:
        """The total has to be an amount that can be reserved."""
        fits_an_amount(sum((item.total for item in value), Decimal()))
        return value

    @property
    def total(self) -> Money:
        """The sum of all lines."""
        return self.in_its_currency(sum((item.total for item in self.items), Decimal()))

    def in_its_currency(self, amount: Decimal) -> Money:
        """An amount in the currency of the purchase."""
        return Money(amount=amount, currency=self.currency)


class PurchasePlan(BaseModel):
    """Durations and switches of a purchase; fixed when the case starts.

    With `working_time` the durations of an approval count on the tenant's calendar: a day is a working day.
    """

    manager_due: timedelta = timedelta(days=2)
    finance_due: timedelta = timedelta(days=2)
    reminder: timedelta = timedelta(days=1)
    last_reminder: timedelta | None = None
    working_time: bool = True
    escalation: timedelta = timedelta(days=2)
    deadline: timedelta = timedelta(days=14)
    amend_within: timedelta = timedelta(days=14)
    escalates: bool = True
    undo_window: timedelta = timedelta(0)
    keep_votes: bool = False


PurchaseCase = Case[PurchaseApproval, PurchasePlan]


def approval_steps(case: PurchaseCase) -> Sequence[Step]:
    """Below 1,000 the manager; from 1,000 one of finance too; from 10,000 all of finance (CONTRACT.md)."""
    total = case.input.total.amount
    manager = _step(case, "manager", N_("Manager"), (f"manager_of:{case.opened_by}",), case.plan.manager_due)
    finance = _step(case, "finance", N_("Finance"), ("group:finance",), case.plan.finance_due)
    if total >= BOTH_OF_FINANCE_FROM:
        because = N_("All of finance from {amount}").format(amount=case.input.in_its_currency(BOTH_OF_FINANCE_FROM))
        return [manager, finance.model_copy(update={"needed": ALL, "at_least": 2, "because": because})]
    if total >= FINANCE_FROM:
        because = N_("One of finance from {amount}").format(amount=case.input.in_its_currency(FINANCE_FROM))
        return [manager, finance.model_copy(update={"because": because})]
    return [manager]


def _step(case: PurchaseCase, key: str, label: str, who: tuple[str, ...], due: timedelta) -> Step:
    form, plan = case.input, case.plan
    return Step(
        key=key,
        label=label,
        question=N_("Buy {title} from {vendor_name}?").format(title=form.title, vendor_name=form.vendor),
        who=who,
        due=due,
        because=N_("Every purchase"),
        reminder=plan.reminder,
        reminders=(plan.last_reminder,) if plan.last_reminder else (),
        escalation=plan.escalation if plan.escalates else None,
        escalate_to=("group:managers",),
        deadline=plan.deadline,
        undo_within=plan.undo_window,
        keep_votes=plan.keep_votes,
        correctable=("cost_centre", "needed_by"),
        working_time=plan.working_time,
        if_nobody=_if_nobody(key) if plan.escalates else N_("The request expires."),
        effects=(
            N_("Reserves {amount} of the budget {cost_centre_name}").format(
                amount=form.total, cost_centre_name=form.cost_centre
            ),
            N_("Sends the purchase order to {vendor_name}").format(vendor_name=form.vendor),
            N_("Notifies {name}").format(name=case.opened_by_name),
        ),
    )


def _if_nobody(key: str) -> str:
    if key == "manager":
        return N_("Escalates to the other managers; the request expires at the deadline.")
    return N_("Escalates to the managers; the request expires at the deadline.")


def purchase_subject(case: PurchaseCase) -> str:
    """The purchase, as sentences name it."""
    return N_("{name} for {amount}").format(name=case.input.title, amount=case.input.total)


def purchase_milestones(case: PurchaseCase) -> list[Milestone]:
    """Submitted, one for each level, budget, order."""
    levels = [Milestone(key=step.key, label=step.label) for step in approval_steps(case)]
    return [
        Milestone(
            key="sent",
            label=N_("Submitted"),
            state=MilestoneState.DONE,
            who=case.opened_by_name,
            since=case.opened_at,
            done_at=case.opened_at,
        ),
        *levels,
        Milestone(key="budget", label=N_("Budget reserved"), detail=case.input.cost_centre),
        Milestone(key="order", label=N_("Order issued"), detail=case.input.vendor),
    ]


def budget_as_approved(form: PurchaseApproval, request: BudgetRequest) -> bool:
    """Whether this is the budget of this purchase."""
    return (request.cost_centre, request.total) == (form.cost_centre, form.total)


def order_as_approved(form: PurchaseApproval, order: PurchaseOrder) -> bool:
    """Whether this orders what this purchase says, from whom it says."""
    lines = [(item.description, item.quantity, form.in_its_currency(item.unit_price)) for item in form.items]
    ordered = [(line.description, line.quantity, line.unit_price) for line in order.lines]
    terms = (order.vendor, order.cost_centre, order.total)
    return ordered == lines and terms == (form.vendor, form.cost_centre, form.total)


def purchase_priority(form: PurchaseApproval, today: date) -> Priority:
    """High if it is needed within a week."""
    return Priority.HIGH if form.needed_by - today < URGENT_WITHIN else Priority.NORMAL


def purchase_facts(form: PurchaseApproval) -> list[Fact]:
    """What an approver looks at first."""
    return [
        Fact(label=N_("Vendor"), value=form.vendor),
        Fact(label=N_("Cost centre"), value=form.cost_centre),
        Fact(label=N_("Needed by"), value=form.needed_by),
        Fact(label=N_("Lines"), value=str(len(form.items))),
    ]
