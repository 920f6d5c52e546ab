"""Ask people: open one approval."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.approvals import asking


@activity.defn
async def open_approval(question: asking.Question) -> asking.Asked:
    """Open the approval, or find it. Safe to repeat: one row for a case, step and round."""
    return await asking.open_approval(services().database, question)
