"""Remind an employee of something that is coming up."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.notifications import reminders


@activity.defn
async def remind_person(reminder: reminders.Reminder) -> None:
    """Notify them, and add it to the journal. Safe to repeat: a reminder has a key."""
    await reminders.remind_person(services().database, reminder)
