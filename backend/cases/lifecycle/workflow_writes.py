"""What workflows write down in our own tables: what comes at the same time is written in one transaction."""

from backend.cases.approvals.request.open_approval import ApprovalRequest, OpenedApproval, open_approvals
from backend.cases.lifecycle.report import Report, report_all
from backend.database.batching import TransactionBatcher
from backend.database.engine import Database

REST_SECONDS = 0.1  # between two transactions of a tenant, when there is always somebody


class WorkflowWrites:
    """The pen of one worker. Safe to repeat, and committed when it returns; of one case one thing after the other."""

    def __init__(self, database: Database) -> None:
        self._asking = TransactionBatcher[ApprovalRequest, OpenedApproval](
            database, open_approvals, partition=lambda asked: asked.case_id, rest=REST_SECONDS
        )
        self._reporting = TransactionBatcher[Report, None](
            database, report_all, partition=lambda news: news.case_id, rest=REST_SECONDS
        )

    async def open_approval(self, question: ApprovalRequest) -> OpenedApproval:
        """Open the approval of this step and round, once. Of a case that is recalled or over, it opens withdrawn."""
        return await self._asking.ask(question.tenant, question)

    async def report(self, news: Report) -> None:
        """Bring the read model up to date. A case that is over does not move any more."""
        await self._reporting.ask(news.tenant, news)
