"""When an email may leave: at once, after the quiet hours, or with the daily digest."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from backend.database.tables import EmailPreference


def is_quiet(moment: time, begin: time | None, end: time | None) -> bool:
    """Whether this time of day lies in the quiet hours, which may pass midnight; the end belongs to the day."""
    if begin is None or end is None or begin == end:
        return False
    if begin < end:
        return begin <= moment < end
    return moment >= begin or moment < end


def next_at(now: datetime, wanted: time, zone: ZoneInfo) -> datetime:
    """The next moment after now at which clocks of this zone show the wanted time."""
    local = now.astimezone(zone)
    day = local.date() if local.time() < wanted else local.date() + timedelta(days=1)
    # Where a clock change leaves that time out, the moment is an hour later, as people would read it.
    return datetime.combine(day, wanted, zone).astimezone(now.tzinfo)


def may_leave_at(preference: EmailPreference | None, now: datetime, zone: ZoneInfo) -> datetime:
    """Now, or the end of the quiet hours that now lies in."""
    if preference is None or preference.quiet_until is None:
        return now
    if not is_quiet(now.astimezone(zone).time(), preference.quiet_from, preference.quiet_until):
        return now
    return next_at(now, preference.quiet_until, zone)


def digest_at(preference: EmailPreference, now: datetime, zone: ZoneInfo) -> datetime:
    """When the next digest goes out; never within the quiet hours."""
    return may_leave_at(preference, next_at(now, preference.daily_at, zone), zone)
