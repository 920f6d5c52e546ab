"""Close an approval whose time is up or whose case was recalled."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals.decide import timers
from backend.kit.approval import Verdict


@activity.defn
async def close_approval(closing: timers.DeadlineReached) -> Verdict:
    """Close it unless somebody was faster; what really stands is returned. Safe to repeat."""
    return await timers.close_approval(services().database, closing)
