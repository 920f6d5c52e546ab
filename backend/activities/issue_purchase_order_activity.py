"""Issue a purchase order in the ERP."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.erp import IssuedOrder, PurchaseOrder


@activity.defn
async def issue_purchase_order(order: PurchaseOrder) -> IssuedOrder:
    """Issue the order. Safe to repeat: the ERP refuses a second order with the same key."""
    return await services().erp.issue(order)
