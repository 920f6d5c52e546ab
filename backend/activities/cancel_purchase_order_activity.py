"""Cancel a purchase order in the ERP."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.erp import PurchaseOrder


@activity.defn
async def cancel_purchase_order(order: PurchaseOrder) -> None:
    """Cancel what this key ordered. Safe to repeat, and harmless if nothing was ordered."""
    await services().erp.cancel(order)
