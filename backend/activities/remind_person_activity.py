"""Remind somebody of the house of something that comes near."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.telling import reminding


@activity.defn
async def remind_person(reminder: reminding.Reminder) -> None:
    """Tell them, and the story of the case. Safe to repeat: a reminder has a key."""
    await reminding.remind_person(services().database, reminder)
