"""Ship an order."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.shipping import Shipment, Shipped


@activity.defn
async def create_shipment(shipment: Shipment) -> Shipped:
    """Create the shipment. Safe to repeat: one shipment per key."""
    return await services().shipping.create(shipment)
