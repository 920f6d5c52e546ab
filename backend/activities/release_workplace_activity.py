"""Release a desk."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.workplaces import WorkplaceRequest


@activity.defn
async def release_workplace(request: WorkplaceRequest) -> None:
    """Release the desk of this key. Safe to repeat, and harmless if there is none."""
    await services().workplaces.release(request)
