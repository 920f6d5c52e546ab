"""Remind somebody of the house of something that comes near."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.notifications import reminders


@activity.defn
async def remind_person(reminder: reminders.Reminder) -> None:
    """Tell them, and the story of the case. Safe to repeat: a reminder has a key."""
    await reminders.remind_person(services().database, reminder)
