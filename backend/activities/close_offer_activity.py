"""End the offer of case actions."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases import acting
from backend.kit.action import Act


@activity.defn
async def close_offer(closing: acting.OfferClosing) -> Act | None:
    """Close it; what somebody did in time is returned. Safe to repeat."""
    return await acting.close_offer(services().database, closing)
