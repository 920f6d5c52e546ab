"""The state of one case, its children included, and how it is reported to the read model."""

import asyncio
from typing import Any, Literal

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.read_case_activity import read_case
    from backend.activities.report_progress_activity import report_progress
    from backend.cases.core.journal import JournalLine
    from backend.cases.lifecycle.case_rows import CaseRows, KnownRows
    from backend.cases.lifecycle.report import Report
    from backend.kit.case import Case, CaseEnd, Recall
    from backend.kit.naming import child_id, workflow_id
    from backend.kit.progress import ChildProgress, Milestone, Progress
    from backend.workflows.core.children import Children
    from backend.workflows.core.outcomes import CaseWithdrawn
    from backend.workflows.core.retry_policies import WORKFLOW_WRITES

SIGNALS_ARE_HINTS = 2  # the edition since which cases read their rows
ABANDON = workflow.HandlerUnfinishedPolicy.ABANDON  # a case that has ended needs to know nothing more


class CaseState:
    """What a case knows: its form, its progress, its children, and whether it was withdrawn."""

    def __init__(self, case: Case[Any, Any], milestones: list[Milestone]) -> None:
        self.case = case
        self.progress = Progress(milestones=milestones)
        self.withdrawn: Recall | None = None
        self.attention: str | None = None
        self.tells_approvers = False
        self._own_id = workflow_id(case.tenant, case.process, case.reference)
        self.children = Children(self._own_id, lambda: self.progress, self.report)
        self._reporting, self._reading, self._stale = asyncio.Lock(), asyncio.Lock(), False

    @workflow.query(name="progress")
    def query_progress(self) -> Progress:
        """How far the case is, in business words."""
        return self.progress

    def reads_rows(self) -> bool:
        """Whether signals are hints here: what counts is read from the rows. Cases opened before believe the signal."""
        return self.case.edition >= SIGNALS_ARE_HINTS or workflow.patched("signals-are-hints")

    async def catch_up(self) -> None:
        """Read what the rows of this case say; a hint that comes meanwhile is answered by one more read."""
        self._stale = True
        async with self._reading:
            if not self._stale:
                return
            self._stale = False
            self.apply(await workflow.execute_local_activity(read_case, self.known(), **WORKFLOW_WRITES))

    def known(self) -> KnownRows:
        """What this workflow knows already, so that only the rest is read."""
        return KnownRows(tenant=self.case.tenant, case_id=self.case.case_id, withdrawn=self.withdrawn is not None)

    def apply(self, rows: CaseRows) -> None:
        """Take over what the rows say and this workflow did not know."""
        if rows.withdrawn is not None:
            self._withdraw(rows.withdrawn)

    def _withdraw(self, withdrawal: Recall) -> None:
        self.withdrawn = self.withdrawn or withdrawal
        self.progress.recalling = True

    @workflow.signal(name="recall", unfinished_policy=ABANDON)
    async def withdraw(self, withdrawal: Recall | None = None) -> None:
        """The requester withdraws the case, if its row says so."""
        if self.reads_rows():
            await self.catch_up()
        elif withdrawal is not None:
            self._withdraw(withdrawal)

    def stop_if_withdrawn(self) -> None:
        """The one place where a withdrawal stops a case; the base class then ends it as `withdrawn_end` says."""
        if self.withdrawn is not None:
            raise CaseWithdrawn

    @workflow.signal
    async def child_moved(self, child: ChildProgress | None = None) -> None:
        """A child reports its progress; a report of anybody else's child is ignored. Old reports name no workflow."""
        if child is not None and child.workflow_id in {"", child_id(self._own_id, child.key)}:
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
