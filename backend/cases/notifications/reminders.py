"""Remind a person of an upcoming event in a case, once for each key."""

from uuid import UUID

from pydantic import BaseModel

from backend.cases.core.actor import names_of
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent


class Reminder(BaseModel):
    """Whom to remind of what; `sentence` is a complete sentence for people."""

    tenant: str
    case_id: UUID
    key: str
    person: str
    sentence: str


async def remind_person(database: Database, reminder: Reminder) -> None:
    """Notify the person and record it in the journal of the case. A closed case sends no reminders."""
    async with database.transaction(reminder.tenant) as session:
        case = await session.get_one(Case, reminder.case_id, with_for_update=True)
        if case.closed_at is not None:
            return
        names = await names_of(session, {reminder.person})
        name = names.get(reminder.person, N_("Somebody"))
        sentence = N_("Reminder sent to {name}: {message}").format(name=name, message=reminder.sentence)
        await add_to_journal(session, case, JournalLine(key=reminder.key, kind="reminded", sentence=sentence))
        await notify(
            session, case, NotificationEvent.COMING, {reminder.person}, key=reminder.key, note=reminder.sentence
        )
