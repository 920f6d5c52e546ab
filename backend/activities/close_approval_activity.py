"""Close an approval whose time is up or whose case was recalled."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals import nudging
from backend.kit.approval import Decision


@activity.defn
async def close_approval(closing: nudging.Closing) -> Decision:
    """Close it unless somebody was faster; what really stands is returned. Safe to repeat."""
    return await nudging.close_approval(services().database, closing)
