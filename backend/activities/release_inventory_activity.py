"""Return reserved articles to stock."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.inventory import StockRequest


@activity.defn
async def release_inventory(request: StockRequest) -> None:
    """Release what this key reserved. Safe to repeat, and harmless if nothing was reserved."""
    await services().inventory.release(request)
