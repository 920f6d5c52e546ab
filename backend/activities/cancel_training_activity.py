"""Cancel a place in a course."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.trainings import TrainingRequest


@activity.defn
async def cancel_training(request: TrainingRequest) -> None:
    """Cancel what this key booked. Safe to repeat, and harmless if nothing was booked."""
    await services().trainings.cancel(request)
