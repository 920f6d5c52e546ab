"""Accept what is submitted at the same time in one transaction: forms, programs and anything else that opens cases."""

from functools import partial

from backend.cases.lifecycle.submission import WAITING_LIMIT, Opened, Submission, open_cases
from backend.database.batching import TransactionBatcher
from backend.database.engine import Database


class Intake:
    """The front door of one process: accepted means committed, and fifty at once cost what a few would."""

    def __init__(self, database: Database, limit: int = WAITING_LIMIT) -> None:
        self._writing = TransactionBatcher[Submission, Opened](database, partial(open_cases, limit=limit))

    async def accept(self, submission: Submission) -> Opened:
        """Open the case; its transaction is committed by then.

        KeyReused if the key came with another form, TooManyWaiting if too many of this person wait to start.
        """
        return await self._writing.ask(submission.by.tenant, submission)
