"""Accept what is submitted at the same time in one transaction: forms, programs and whoever else opens cases."""

from collections.abc import Sequence

from backend.cases.opening import Opened, Submission, open_cases
from backend.database.engine import Database
from backend.database.errors import DatabaseAway
from backend.database.together import Together


class Accepting:
    """The front door of one process: accepted means committed, and fifty at once cost what a few would."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writing = Together(self._write)

    async def accept(self, submission: Submission) -> Opened:
        """Open the case; its transaction is committed by then. KeyReused if the key came with another form."""
        return await self._writing.ask(submission.by.tenant, submission)

    async def _write(self, tenant: str, submissions: Sequence[Submission]) -> Sequence[Opened | Exception]:
        try:
            async with self._database.transaction(tenant) as session:
                return await open_cases(session, submissions)
        except DatabaseAway:
            raise
        except Exception:
            if len(submissions) == 1:
                raise
        return [await self._write_alone(tenant, submission) for submission in submissions]

    async def _write_alone(self, tenant: str, submission: Submission) -> Opened | Exception:
        """One that PostgreSQL cannot take does not take the others with it."""
        try:
            async with self._database.transaction(tenant) as session:
                return (await open_cases(session, [submission]))[0]
        except Exception as error:  # noqa: BLE001 - it is the answer to the one who submitted this
            return error
