"""Report to the read model how far a case is, and how it ended."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.lifecycle.report import Report


@activity.defn
async def report_progress(report: Report) -> None:
    """Bring the read model up to date. Safe to repeat: lines have keys, and a closed case stays closed."""
    await services().workflow_writes.report(report)
