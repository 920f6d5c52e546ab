"""Remind those who have not answered yet."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals import nudging


@activity.defn
async def remind_approvers(nudge: nudging.Nudge) -> bool:
    """Remind once. Safe to repeat: the approval remembers."""
    return await nudging.remind(services().database, nudge)
