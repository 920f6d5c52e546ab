"""Stop a shipment."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.shipping import Shipment


@activity.defn
async def cancel_shipment(shipment: Shipment) -> None:
    """Cancel what this key shipped. Safe to repeat, and harmless if nothing was shipped."""
    await services().shipping.cancel(shipment)
