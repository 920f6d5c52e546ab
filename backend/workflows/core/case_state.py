"""What a case knows of itself, its children included, and how the read model hears of it."""

import asyncio
from typing import Any, Literal

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.report_progress_activity import report_progress
    from backend.cases.core.journal import JournalLine
    from backend.cases.lifecycle.report import Report
    from backend.kit.case import Case, CaseEnd, Recall
    from backend.kit.naming import workflow_id
    from backend.kit.progress import ChildProgress, Milestone, Progress
    from backend.workflows.core.children import Children
    from backend.workflows.core.retry_policies import WORKFLOW_WRITES


class ReportedCase:
    """The state of one case. Children tell it how far they are, and it tells the read model."""

    def __init__(self, case: Case[Any, Any], milestones: list[Milestone]) -> None:
        self.case = case
        self.now_at = Progress(milestones=milestones)
        self.recalled: Recall | None = None
        self.attention: str | None = None
        self.tells_approvers = False
        own_id = workflow_id(case.tenant, case.process, case.reference)
        self.children = Children(own_id, lambda: self.now_at, self.report)
        self._reporting = asyncio.Lock()

    @workflow.query
    def progress(self) -> Progress:
        """How far the case is, in business words."""
        return self.now_at

    @workflow.signal
    def recall(self, recall: Recall) -> None:
        """The requester takes the case back."""
        self.recalled = self.recalled or recall
        self.now_at.recalling = True

    @workflow.signal
    async def child_moved(self, child: ChildProgress) -> None:
        """A child tells how far it is."""
        self.now_at.put_child(child)
        await self.report()

    async def report(
        self,
        *lines: JournalLine,
        end: CaseEnd | None = None,
        closed_as: Literal["completed", "cancelled", "failed"] = "completed",
    ) -> None:
        """Bring the read model up to date, and tell what is new of the children."""
        async with self._reporting:  # or an older report could be written over a newer one
            of_children = list(self.children.news)
            news = Report(
                tenant=self.case.tenant,
                case_id=self.case.case_id,
                progress=self.now_at,
                lines=[*of_children, *lines],
                end=end,
                attention=self.attention or self.children.attention,
                closed_as=closed_as,
                tells_approvers=self.tells_approvers,
            )
            await workflow.execute_local_activity(report_progress, news, **WORKFLOW_WRITES)
            del self.children.news[: len(of_children)]
