"""Ask people: open one approval."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals.asking import Asked, Question


@activity.defn
async def open_approval(question: Question) -> Asked:
    """Open the approval, or find it. Safe to repeat: one row for a case, step and round."""
    return await services().bookkeeping.open_approval(question)
