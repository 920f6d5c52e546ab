"""Reserve articles for an order."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.inventory import Stock, StockRequest


@activity.defn
async def reserve_inventory(request: StockRequest) -> Stock:
    """Reserve as much as there is. Safe to repeat: one reservation per key."""
    return await services().inventory.reserve(request)
