"""Times as people say them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def day_time(moment: datetime, zone: str, now: datetime | None = None) -> str:
    """As in "today 16:00", "Tue 22 Sep 08:40"; the year only if it is another."""
    local, today = moment.astimezone(ZoneInfo(zone)), (now or datetime.now(UTC)).astimezone(ZoneInfo(zone))
    days = (local.date() - today.date()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days)
    return f"{near or day(local.date(), today.date())} {local:%H:%M}"


def dated(moment: datetime, zone: str) -> str:
    """As in "Tue 22 Sep 08:40", in a sentence; the year only if it is another."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day(local.date(), datetime.now(ZoneInfo(zone)).date())} {local:%H:%M}"


def day(value: date, today: date | None = None) -> str:
    """As in "Tue 22 Sep", with the year only if it is another."""
    year = "" if value.year == (today or datetime.now(UTC).date()).year else f" {value.year}"
    return f"{value:%a} {value.day} {value:%b}{year}"
