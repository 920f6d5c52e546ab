"""The purchase workflow as if its new step had been added without a patch."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.kit.case import CaseEnd
    from backend.workflows.purchase import PurchaseCase
    from backend.workflows.purchase_approval_workflow import PurchaseApprovalWorkflow


@workflow.defn(name="PurchaseApprovalWorkflow")
class UnpatchedPurchase(PurchaseApprovalWorkflow):
    """The same steps, for older cases as well."""

    @workflow.init
    def __init__(self, case: PurchaseCase) -> None:
        super().__init__(case)

    @workflow.run
    async def run(self, case: PurchaseCase) -> CaseEnd:
        """Run the current code."""
        return await super().run(case)

    async def before_end(self, end: CaseEnd) -> None:
        """Notify those who approved, whatever the edition of their case."""
        await super().before_end(end)
        if self.approved:
            await self._notify_approvers(end)
