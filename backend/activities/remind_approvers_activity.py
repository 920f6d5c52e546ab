"""Remind approvers who have not decided yet."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals.decide import timers


@activity.defn
async def remind_approvers(fired: timers.TimerFired) -> bool:
    """Remind once. Safe to repeat: the approval remembers."""
    return await timers.remind(services().database, fired)
