"""Look up the credit rating of a customer."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.ratings import RatingAnswer, RatingRequest


@activity.defn
async def look_up_rating(request: RatingRequest) -> RatingAnswer:
    """The rating, if there is one. Safe to repeat: it changes nothing."""
    return await services().ratings.look_up(request)
