"""What workflows write into our own tables: writes at the same time share a transaction."""

from backend.cases.approvals.request.open_approval import ApprovalRequest, OpenedApproval, open_approvals
from backend.cases.lifecycle.report import Report, report_all
from backend.database.batching import TransactionBatcher
from backend.database.engine import Database

REST_SECONDS = 0.1  # between two transactions of a tenant under load


class WorkflowWrites:
    """Batches one worker's writes. Safe to repeat, and committed when it returns; those of one case stay in order."""

    def __init__(self, database: Database) -> None:
        self._approvals = TransactionBatcher[ApprovalRequest, OpenedApproval](
            database, open_approvals, partition=lambda request: request.case_id, rest=REST_SECONDS
        )
        self._reports = TransactionBatcher[Report, None](
            database, report_all, partition=lambda report: report.case_id, rest=REST_SECONDS
        )

    async def open_approval(self, request: ApprovalRequest) -> OpenedApproval:
        """Open the approval of this step and round, once. Of a case that is withdrawn or closed, it opens withdrawn."""
        return await self._approvals.ask(request.tenant, request)

    async def report(self, report: Report) -> None:
        """Bring the read model up to date. A closed case does not change any more."""
        await self._reports.ask(report.tenant, report)
