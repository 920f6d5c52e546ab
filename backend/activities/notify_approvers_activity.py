"""Notify those who approved of the outcome."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals.decide import approvers


@activity.defn(name="tell_approvers")
async def notify_approvers(result: approvers.Result) -> int:
    """Notify each of them. Safe to repeat: each is notified once per case."""
    return await approvers.notify_approvers(services().database, result)
