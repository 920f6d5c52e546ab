"""Tell those who said yes what came of it."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals.decide import approvers


@activity.defn
async def tell_approvers(result: approvers.Result) -> int:
    """Tell each of them. Safe to repeat: each is told once a case."""
    return await approvers.notify_approvers(services().database, result)
