"""A workflow that orders whatever it is given, to test what the worker of its activity refuses."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.issue_purchase_order_activity import issue_purchase_order
    from backend.services.erp import IssuedOrder, PurchaseOrder
    from backend.workflows.core.task_queues import activity_queue


@workflow.defn
class EffectWorkflow:
    """Orders without asking anybody."""

    @workflow.run
    async def run(self, order: PurchaseOrder) -> IssuedOrder:
        """Issue the order through the worker of purchases."""
        return await workflow.execute_activity(
            issue_purchase_order,
            order,
            task_queue=activity_queue("purchasing"),
            start_to_close_timeout=timedelta(seconds=30),
        )
