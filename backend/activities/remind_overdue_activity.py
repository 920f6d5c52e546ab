"""Remind approvers of what is overdue, some people at a time."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.inbox import overdue_reminders


@activity.defn
async def remind_overdue(given: overdue_reminders.Round) -> overdue_reminders.Rounded:
    """Safe to repeat and to run twice: each person is reminded once a day. Continues after the last one."""
    after = next(iter(activity.info().heartbeat_details), given.after)
    return await overdue_reminders.remind_overdue(services().database, given, after, activity.heartbeat)
