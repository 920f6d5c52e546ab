"""Look up how good a customer is."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.ratings import RatingAnswer, RatingRequest


@activity.defn
async def look_up_rating(request: RatingRequest) -> RatingAnswer:
    """What is known of the customer. Safe to repeat: it changes nothing."""
    return await services().ratings.look_up(request)
