"""The state of one case, its children included, and how it is reported to the read model."""

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
    from backend.workflows.core.outcomes import CaseWithdrawn
    from backend.workflows.core.retry_policies import WORKFLOW_WRITES


class CaseState:
    """What a case knows: its form, its progress, its children, and whether it was withdrawn."""

    def __init__(self, case: Case[Any, Any], milestones: list[Milestone]) -> None:
        self.case = case
        self.progress = Progress(milestones=milestones)
        self.withdrawn: Recall | None = None
        self.attention: str | None = None
        self.tells_approvers = False
        own_id = workflow_id(case.tenant, case.process, case.reference)
        self.children = Children(own_id, lambda: self.progress, self.report)
        self._reporting = asyncio.Lock()

    @workflow.query(name="progress")
    def query_progress(self) -> Progress:
        """How far the case is, in business words."""
        return self.progress

    @workflow.signal(name="recall")
    def withdraw(self, withdrawal: Recall) -> None:
        """The requester withdraws the case."""
        self.withdrawn = self.withdrawn or withdrawal
        self.progress.recalling = True

    def stop_if_withdrawn(self) -> None:
        """The one place where a withdrawal stops a case; the base class then ends it as `withdrawn_end` says."""
        if self.withdrawn is not None:
            raise CaseWithdrawn

    @workflow.signal
    async def child_moved(self, child: ChildProgress) -> None:
        """A child reports its progress."""
        self.progress.put_child(child)
        await self.report()

    async def report(
        self,
        *lines: JournalLine,
        end: CaseEnd | None = None,
        closed_as: Literal["completed", "cancelled", "failed"] = "completed",
    ) -> None:
        """Bring the read model up to date and add these lines, and those about the children, to the journal."""
        async with self._reporting:  # or an older report could overwrite a newer one
            about_children = list(self.children.journal)
            report = Report(
                tenant=self.case.tenant,
                case_id=self.case.case_id,
                progress=self.progress,
                lines=[*about_children, *lines],
                end=end,
                attention=self.attention or self.children.attention,
                closed_as=closed_as,
                tells_approvers=self.tells_approvers,
            )
            await workflow.execute_local_activity(report_progress, report, **WORKFLOW_WRITES)
            del self.children.journal[: len(about_children)]
