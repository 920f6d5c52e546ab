"""What workflows write down in our own tables: what comes at the same time is written in one transaction."""

from backend.cases.approvals.asking import Asked, Question, open_approvals
from backend.cases.reporting import Report, report_all
from backend.database.engine import Database
from backend.database.together import InOneTransaction

REST_SECONDS = 0.1  # between two transactions of a tenant, when there is always somebody


class Bookkeeping:
    """The pen of one worker. Safe to repeat, and committed when it returns; of one case one thing after the other."""

    def __init__(self, database: Database) -> None:
        self._asking = InOneTransaction[Question, Asked](
            database, open_approvals, apart=lambda asked: asked.case_id, rest=REST_SECONDS
        )
        self._reporting = InOneTransaction[Report, None](
            database, report_all, apart=lambda news: news.case_id, rest=REST_SECONDS
        )

    async def open_approval(self, question: Question) -> Asked:
        """Open the approval of this step and round, once. Of a case that is recalled or over, it opens withdrawn."""
        return await self._asking.ask(question.tenant, question)

    async def report(self, news: Report) -> None:
        """Bring the read model up to date. A case that is over does not move any more."""
        await self._reporting.ask(news.tenant, news)
