"""Cases with messages in the outbox."""

from uuid import uuid4

from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.cases.outbox.outbox import Message, enqueue
from backend.database.engine import Database
from backend.database.tables import Case
from backend.processes import by_key
from tests.support.cast import person
from tests.support.purchases import purchase


async def a_case(database: Database, *later: Message) -> Case:
    """A new case by ann with further messages to its workflow."""
    process, by = by_key()["purchase_approval"], await person(database, "ann")
    async with database.transaction(by.tenant) as session:
        form = process.input.model_validate(purchase())
        case = (await open_case(session, Submission(process, form, source=Source.API, key=str(uuid4()), by=by))).case
        for kind in later:
            await enqueue(session, case, kind)
    return case
