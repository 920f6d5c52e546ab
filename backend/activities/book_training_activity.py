"""Book a place in a course."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.trainings import Training, TrainingRequest


@activity.defn
async def book_training(request: TrainingRequest) -> Training:
    """Book it. Safe to repeat: one place per key."""
    return await services().trainings.book(request)
