"""Hand equipment out."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.equipment import EquipmentRequest


@activity.defn
async def hand_out_equipment(request: EquipmentRequest) -> None:
    """Give it to its new user. Safe to repeat."""
    await services().equipment.hand_out(request)
