"""Open an approval."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals.request.open_approval import ApprovalRequest, OpenedApproval


@activity.defn
async def open_approval(question: ApprovalRequest) -> OpenedApproval:
    """Open the approval, or find it. Safe to repeat: one row per case, step and round."""
    return await services().workflow_writes.open_approval(question)
