"""An incompatible change of the purchase workflow: the order is issued before the budget is reserved."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.issue_purchase_order_activity import issue_purchase_order
    from backend.kit.case import CaseEnd
    from backend.workflows.core.saga import Saga
    from backend.workflows.purchase import PurchaseCase
    from backend.workflows.purchase_approval_workflow import OUTSIDE, PurchaseApprovalWorkflow


@workflow.defn(name="PurchaseApprovalWorkflow")
class ChangedPurchase(PurchaseApprovalWorkflow):
    """The same name and signals, with other steps."""

    @workflow.init
    def __init__(self, case: PurchaseCase) -> None:
        super().__init__(case)

    @workflow.run
    async def run(self, case: PurchaseCase) -> CaseEnd:
        """As before, until the approvals are there."""
        return await super().run(case)

    async def _reserve_budget(self, saga: Saga) -> None:
        await workflow.execute_activity(issue_purchase_order, self._purchase_order(), **OUTSIDE)
        await super()._reserve_budget(saga)
