"""Purchase approval: the manager, then finance by amount; then budget and order, or neither."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.cancel_purchase_order_activity import cancel_purchase_order
    from backend.activities.issue_purchase_order_activity import issue_purchase_order
    from backend.activities.notify_approvers_activity import notify_approvers
    from backend.activities.release_budget_activity import release_budget
    from backend.activities.reserve_budget_activity import reserve_budget
    from backend.cases.approvals.decide.approvers import Result
    from backend.kit.case import CaseEnd
    from backend.kit.i18n import N_
    from backend.kit.money import Money
    from backend.kit.process import ApprovedEffect
    from backend.services.budgets import BudgetRequest
    from backend.services.erp import IssuedOrder, OrderLine, PurchaseOrder
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.core.outcomes import CaseStopped
    from backend.workflows.core.retry_policies import PATIENT, WORKFLOW_WRITES
    from backend.workflows.core.saga import Saga
    from backend.workflows.core.task_queues import activity_queue
    from backend.workflows.purchase import (
        PurchaseCase,
        approval_steps,
        budget_as_approved,
        order_as_approved,
        purchase_milestones,
        purchase_subject,
    )

TELL_APPROVERS = "tell-approvers"
PURCHASE_EFFECTS = (
    ApprovedEffect(activity=reserve_budget, fits=budget_as_approved),
    ApprovedEffect(activity=issue_purchase_order, fits=order_as_approved),
)
OUTSIDE = workflow.ActivityConfig(
    task_queue=activity_queue("purchasing"),
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)


@workflow.defn
class PurchaseApprovalWorkflow(CaseWorkflow):
    """One purchase, from the request to the order."""

    outcomes = frozenset({"ordered", "rejected", "over_budget", "expired", "recalled", "order_failed"})

    case: PurchaseCase

    @workflow.init
    def __init__(self, case: PurchaseCase) -> None:
        super().__init__(case, purchase_milestones(case))
        self.approved = False

    @workflow.run
    @concluded
    async def run(self, case: PurchaseCase) -> CaseEnd:
        """Get every level to approve; then reserve the budget and issue the order, or do neither."""
        await self.require_approvals(
            approval_steps,
            subject=purchase_subject,
            milestones=purchase_milestones,
            change_within=case.plan.amend_within,
        )
        self.approved = True
        async with self.saga(interrupt=False) as saga:
            await self._reserve_budget(saga)
            order = await self._issue_order(saga)
        return self._ordered(order)

    async def _reserve_budget(self, saga: Saga) -> None:
        form = self.case.input
        self.progress.begin("budget", N_("Reserving the budget"), workflow.now())
        budget = BudgetRequest(
            tenant=self.case.tenant,
            key=f"{self.case.reference}:budget",
            cost_centre=form.cost_centre,
            total=form.total,
        )
        reservation = await saga.do(
            reserve_budget,
            budget,
            undo=release_budget,
            config=OUTSIDE,
            no_effect_if=lambda answer: not answer.reserved,
        )
        if not reservation.reserved:
            self.progress.failed("budget", workflow.now(), N_("Not enough budget"))
            sentence = N_("The remaining budget of {cost_centre_name} does not cover {amount}.")
            over_budget = sentence.format(cost_centre_name=form.cost_centre, amount=form.total)
            raise CaseStopped(CaseEnd(outcome="over_budget", sentence=over_budget))
        self.progress.done("budget", workflow.now(), form.cost_centre)

    async def _issue_order(self, saga: Saga) -> IssuedOrder:
        self.progress.begin("order", N_("Issuing the purchase order"), workflow.now())
        order = await saga.do(issue_purchase_order, self._purchase_order(), undo=cancel_purchase_order, config=OUTSIDE)
        self.progress.done("order", workflow.now(), order.number)
        return order

    def _ordered(self, order: IssuedOrder) -> CaseEnd:
        sentence = N_("Order {number} was sent to {vendor_name}.")
        if self.withdrawn:
            sentence = N_("Order {number} was sent to {vendor_name} before the request was withdrawn.")
        return CaseEnd(
            outcome="ordered",
            sentence=sentence.format(number=order.number, vendor_name=self.case.input.vendor),
            facts={N_("Order number"): order.number},
        )

    def withdrawn_end(self) -> CaseEnd:
        """Nothing was ordered, because an order that was issued stays."""
        return CaseEnd(outcome="recalled", sentence=N_("The request was withdrawn. Nothing was ordered."))

    def failed_end(self) -> CaseEnd | None:
        """The budget or the order was refused for good after the approvals."""
        if not self.approved:
            return None
        self.progress.failed("order", workflow.now(), N_("The order could not be issued"))
        sentence = N_("The order could not be issued. The reserved budget was released.")
        return CaseEnd(outcome="order_failed", sentence=sentence)

    async def before_end(self, end: CaseEnd) -> None:
        """Notify those who approved, unless the requester withdrew the purchase."""
        if not self.approved or end.outcome == "recalled":
            return
        # The last report notifies them. Purchases opened before edition 1 have a step of their own for that, or none.
        self.tells_approvers = self.case.edition >= 1
        if not self.tells_approvers and workflow.patched(TELL_APPROVERS):
            await self._notify_approvers(end)

    async def _notify_approvers(self, end: CaseEnd) -> None:
        result = Result(tenant=self.case.tenant, case_id=self.case.case_id, sentence=end.sentence)
        await workflow.execute_local_activity(notify_approvers, result, **WORKFLOW_WRITES)

    def _purchase_order(self) -> PurchaseOrder:
        form = self.case.input
        return PurchaseOrder(
            tenant=self.case.tenant,
            key=f"{self.case.reference}:order",
            reference=self.case.reference,
            vendor=form.vendor,
            cost_centre=form.cost_centre,
            total=form.total,
            lines=[
                OrderLine(
                    description=item.description,
                    quantity=item.quantity,
                    unit_price=Money(amount=item.unit_price, currency=form.currency),
                )
                for item in form.items
            ],
        )
