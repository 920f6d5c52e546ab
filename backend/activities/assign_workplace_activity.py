"""Assign a desk."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.workplaces import Workplace, WorkplaceRequest


@activity.defn
async def assign_workplace(request: WorkplaceRequest) -> Workplace:
    """Assign one. Safe to repeat: one desk per key."""
    return await services().workplaces.assign(request)
