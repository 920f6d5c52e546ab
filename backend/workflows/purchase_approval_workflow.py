"""Purchase approval: the manager, then finance by amount; then budget and order, or neither."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from backend.activities.cancel_purchase_order_activity import cancel_purchase_order
    from backend.activities.issue_purchase_order_activity import issue_purchase_order
    from backend.activities.release_budget_activity import release_budget
    from backend.activities.reserve_budget_activity import reserve_budget
    from backend.activities.tell_approvers_activity import tell_approvers
    from backend.cases.approvals.approvers import Result
    from backend.kit.approval import ALL, Step
    from backend.kit.case import Case, CaseEnd
    from backend.kit.fields import FormField, from_today
    from backend.kit.money import Amount, Money
    from backend.kit.priority import Priority
    from backend.kit.process import Fact
    from backend.kit.progress import Milestone, MilestoneState
    from backend.services.budgets import BudgetRequest
    from backend.services.erp import IssuedOrder, OrderLine, PurchaseOrder
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.retry_policies import BOOKKEEPING, PATIENT
    from backend.workflows.core.saga import Saga, Stopped
    from backend.workflows.core.task_queues import activity_queue

FINANCE_FROM = Decimal(1_000)
BOTH_OF_FINANCE_FROM = Decimal(10_000)
URGENT_WITHIN = timedelta(days=7)
TELL_APPROVERS = "tell-approvers"
OUTSIDE = workflow.ActivityConfig(
    task_queue=activity_queue("purchasing"),
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)


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


@workflow.defn
class PurchaseApprovalWorkflow(CaseWorkflow):
    """One purchase, from the question to the order."""

    @workflow.init
    def __init__(self, case: PurchaseCase) -> None:
        super().__init__(case, purchase_milestones(case))

    @workflow.run
    async def run(self, case: PurchaseCase) -> CaseEnd:  # noqa: ARG002 - as `init` has it
        """Ask every level, then reserve and order, or undo."""
        return await self.conclude(self._buy())

    async def _buy(self) -> CaseEnd:
        refusal = await self.ask_every_level(
            approval_steps,
            subject=lambda case: f"{case.input.title} for {case.input.total}",
            milestones=purchase_milestones,
            change_within=self.case.plan.amend_within,
        )
        if refusal:
            return refusal
        end = await self._reserve_and_order()
        # Purchases that were under way when this step was added go on without it: their history has no such step.
        if workflow.patched(TELL_APPROVERS):
            await self._tell_approvers(end)
        return end

    async def _tell_approvers(self, end: CaseEnd) -> None:
        result = Result(tenant=self.case.tenant, case_id=self.case.case_id, sentence=end.sentence)
        await workflow.execute_local_activity(tell_approvers, result, **BOOKKEEPING)

    async def _reserve_and_order(self) -> CaseEnd:
        try:
            async with self.saga() as saga:
                return await self._order(saga)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            self.now_at.failed("order", workflow.now(), "The order could not be issued")
            return ORDER_FAILED

    async def _order(self, saga: Saga) -> CaseEnd:
        self._stop_if_recalled()
        self.now_at.working("budget", "The budget is being reserved", workflow.now())
        budget = self._budget_request()
        reservation = await saga.do(reserve_budget, budget, undo=release_budget, config=OUTSIDE)
        if not reservation.reserved:
            self.now_at.failed("budget", workflow.now(), "Not enough left")
            sentence = f"{self.case.input.cost_centre} has too little left for {self.case.input.total}."
            return CaseEnd(outcome="over_budget", sentence=sentence)
        self.now_at.done("budget", workflow.now(), self.case.input.cost_centre)
        self._stop_if_recalled()
        self.now_at.working("order", "The purchase order is being issued", workflow.now())
        issued = await saga.do(issue_purchase_order, self._purchase_order(), undo=cancel_purchase_order, config=OUTSIDE)
        self.now_at.done("order", workflow.now(), issued.number)
        return self._ordered(issued)

    def _stop_if_recalled(self) -> None:
        if self.recalled:
            raise Stopped(RECALLED)

    def _ordered(self, issued: IssuedOrder) -> CaseEnd:
        late = " The recall came after the order." if self.recalled else ""
        sentence = f"Order {issued.number} went to {self.case.input.vendor}.{late}"
        return CaseEnd(outcome="ordered", sentence=sentence, facts={"Order number": issued.number})

    def _budget_request(self) -> BudgetRequest:
        return BudgetRequest(
            tenant=self.case.tenant,
            key=f"{self.case.reference}:budget",
            cost_centre=self.case.input.cost_centre,
            total=self.case.input.total,
        )

    def _purchase_order(self) -> PurchaseOrder:
        form = self.case.input
        price = [Money(amount=item.unit_price, currency=form.currency) for item in form.items]
        return PurchaseOrder(
            tenant=self.case.tenant,
            key=f"{self.case.reference}:order",
            reference=self.case.reference,
            vendor=form.vendor,
            cost_centre=form.cost_centre,
            total=form.total,
            lines=[
                OrderLine(description=item.description, quantity=item.quantity, unit_price=one)
                for item, one in zip(form.items, price, strict=True)
            ],
        )


RECALLED = CaseEnd(outcome="recalled", sentence="The request was recalled. Nothing was ordered.")
ORDER_FAILED = CaseEnd(outcome="order_failed", sentence="The order could not be issued; the budget is free again.")
