"""Remind a person of something that comes near in a case, once a key."""

from uuid import UUID

from pydantic import BaseModel

from backend.cases.core.actor import names_of
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.notification import NotificationEvent


class Reminder(BaseModel):
    """Whom to remind of what; `sentence` is whole and for people."""

    tenant: str
    case_id: UUID
    key: str
    person: str
    sentence: str


async def remind_person(database: Database, reminder: Reminder) -> None:
    """Write it into their list and mail, and into the story. Nobody is reminded once the case is over."""
    async with database.transaction(reminder.tenant) as session:
        case = await session.get_one(Case, reminder.case_id, with_for_update=True)
        if case.closed_at is not None:
            return
        names = await names_of(session, {reminder.person})
        told = f"A reminder went to {names.get(reminder.person, 'nobody')}: {reminder.sentence}"
        await add_to_journal(session, case, JournalLine(key=reminder.key, kind="reminded", sentence=told))
        await notify(
            session, case, NotificationEvent.COMING, {reminder.person}, key=reminder.key, note=reminder.sentence
        )
