"""Days as moments: when something that is due on a day begins."""

from datetime import UTC, date, datetime, time

# Early enough for every office of the organization, before work begins.
MORNING = time(6, tzinfo=UTC)


def morning_of(day: date) -> datetime:
    """When this day begins for those who prepare it."""
    return datetime.combine(day, MORNING)
