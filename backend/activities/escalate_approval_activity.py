"""Ask more people when those who were asked stay silent."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals import nudging


@activity.defn
async def escalate_approval(nudge: nudging.Nudge) -> bool:
    """Escalate once. Safe to repeat: the approval remembers."""
    return await nudging.escalate(services().database, nudge)
