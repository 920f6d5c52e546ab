"""Ask more approvers when nobody has decided."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals.decide import timers


@activity.defn
async def escalate_approval(fired: timers.TimerFired) -> bool:
    """Escalate once. Safe to repeat: the approval remembers."""
    return await timers.escalate(services().database, fired)
