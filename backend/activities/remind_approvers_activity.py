"""Remind those who have not answered yet."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases import asking


@activity.defn
async def remind_approvers(nudge: asking.Nudge) -> bool:
    """Remind once. Safe to repeat: the approval remembers."""
    return await asking.remind(services().database, nudge)
