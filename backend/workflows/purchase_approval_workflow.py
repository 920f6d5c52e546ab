"""Purchase approval: the manager, then finance by amount; then budget and order, or neither."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from backend.activities.cancel_purchase_order_activity import cancel_purchase_order
    from backend.activities.issue_purchase_order_activity import issue_purchase_order
    from backend.activities.release_budget_activity import release_budget
    from backend.activities.reserve_budget_activity import reserve_budget
    from backend.activities.tell_approvers_activity import tell_approvers
    from backend.cases.approvals.decide.approvers import Result
    from backend.kit.case import CaseEnd
    from backend.kit.money import Money
    from backend.services.budgets import BudgetRequest
    from backend.services.erp import IssuedOrder, OrderLine, PurchaseOrder
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.retry_policies import PATIENT, WORKFLOW_WRITES
    from backend.workflows.core.saga import Saga, Stopped
    from backend.workflows.core.task_queues import activity_queue
    from backend.workflows.purchase import PurchaseCase, approval_steps, purchase_milestones

TELL_APPROVERS = "tell-approvers"
OUTSIDE = workflow.ActivityConfig(
    task_queue=activity_queue("purchasing"),
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)
RECALLED = CaseEnd(outcome="recalled", sentence="The request was recalled. Nothing was ordered.")
ORDER_FAILED = CaseEnd(outcome="order_failed", sentence="The order could not be issued; the budget is free again.")


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
        # The end tells them. Purchases of before have a step of its own for that, or none if they are older still.
        self.tells_approvers = self.case.edition >= 1
        if not self.tells_approvers and workflow.patched(TELL_APPROVERS):
            await self._tell_approvers(end)
        return end

    async def _tell_approvers(self, end: CaseEnd) -> None:
        result = Result(tenant=self.case.tenant, case_id=self.case.case_id, sentence=end.sentence)
        await workflow.execute_local_activity(tell_approvers, result, **WORKFLOW_WRITES)

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
