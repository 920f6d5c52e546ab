"""Close an approval whose deadline passed or whose case was withdrawn."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals.decide import timers
from backend.kit.approval import Verdict


@activity.defn
async def close_approval(closing: timers.DeadlineReached) -> Verdict:
    """Close it unless somebody decided first; returns the verdict that counts. Safe to repeat."""
    return await timers.close_approval(services().database, closing)
