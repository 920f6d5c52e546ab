"""Release reserved equipment."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.equipment import EquipmentRequest


@activity.defn
async def release_equipment(request: EquipmentRequest) -> None:
    """Release what this key reserved. Safe to repeat, and harmless if nothing was reserved."""
    await services().equipment.release(request)
