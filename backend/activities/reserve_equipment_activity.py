"""Set equipment aside."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.equipment import EquipmentRequest, ReservedEquipment


@activity.defn
async def reserve_equipment(request: EquipmentRequest) -> ReservedEquipment:
    """Reserve it. Safe to repeat: one reservation per key."""
    return await services().equipment.reserve(request)
