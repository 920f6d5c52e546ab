"""The working calendar of a tenant, for policies that count working time; administrators maintain it."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import record_fact
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError, NotFound
from backend.database.engine import Database
from backend.database.tables import Holiday, WorkingHours
from backend.kit.calendar import AROUND_THE_CLOCK, Hours, WorkingCalendar
from backend.kit.i18n import N_
from backend.kit.policy import Policy
from backend.kit.text import single_line

LONGEST_NAME = 80
FIRST_YEAR, LAST_YEAR = 2000, 2200  # of a holiday; any other is a slip
WEEK = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
_CALENDAR = text("""
    SELECT t.time_zone AS zone, coalesce(h.hours, '[]') AS hours, coalesce(d.days, '[]') AS holidays
    FROM tenants t,
         LATERAL (SELECT jsonb_agg(to_jsonb(w) ORDER BY w.weekday, w.opens) AS hours
                  FROM (SELECT weekday, opens, closes FROM working_hours WHERE tenant_id = t.id) w) h,
         LATERAL (SELECT jsonb_agg(day ORDER BY day) AS days FROM holidays WHERE tenant_id = t.id) d
    WHERE t.id = :tenant
""")
# The hours are replaced as a whole: of two changes at the same instant, the second deletes what the first wrote.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('countersign.hours'), hashtext(:tenant))")


class HolidayRefused(CaseError):
    """This holiday cannot be saved."""

    status = 422
    code = "holiday_refused"


class HoursRefused(CaseError):
    """Two periods of one day overlap."""

    status = 422
    code = "hours_refused"

    def __init__(self, weekday: int) -> None:
        super().__init__(N_("Two periods on {day} overlap.").format(day=WEEK[weekday]))
        self.weekday = weekday


async def calendar_of(session: AsyncSession, tenant_id: str) -> WorkingCalendar:
    """Hours, holidays and time zone of this tenant, read once in a transaction. Without hours every moment counts."""
    known: dict[str, WorkingCalendar] = session.info.setdefault("calendars", {})
    if tenant_id not in known:
        row = (await session.execute(_CALENDAR, {"tenant": tenant_id})).mappings().one()
        known[tenant_id] = WorkingCalendar.model_validate(dict(row))
    return known[tenant_id]


async def calendar_for(session: AsyncSession, tenant_id: str, policy: Policy) -> WorkingCalendar:
    """The calendar on which this policy counts."""
    return await calendar_of(session, tenant_id) if policy.working_time else AROUND_THE_CLOCK


async def holidays_of(session: AsyncSession, tenant_id: str, since: date) -> list[Holiday]:
    """The holidays from this day on, soonest first."""
    mine = (Holiday.tenant_id == tenant_id, Holiday.day >= since)
    return list(await session.scalars(select(Holiday).where(*mine).order_by(Holiday.day)))


async def set_hours(database: Database, hours: Sequence[Hours], *, by: Actor) -> None:
    """Set the working hours; without any hours every moment counts. Open approvals keep their deadlines.

    HoursRefused if two of one day overlap.
    """
    ordered = sorted(hours, key=lambda each: (each.weekday, each.opens))
    for one, next_one in pairwise(ordered):
        if one.weekday == next_one.weekday and next_one.opens < one.closes:
            raise HoursRefused(one.weekday)
    rows = [{"tenant_id": by.tenant, **each.model_dump()} for each in ordered]
    periods = [f"{each.weekday} {each.opens:%H:%M}-{each.closes:%H:%M}" for each in ordered]
    async with database.transaction(by.tenant) as session:
        await session.execute(_ONE_AT_A_TIME, {"tenant": by.tenant})
        await session.execute(delete(WorkingHours).where(WorkingHours.tenant_id == by.tenant))
        if rows:
            await session.execute(insert(WorkingHours), rows)
        await record_fact(session, by.tenant, "calendar.hours", by.person_id, by.tenant, hours=periods)


async def add_holiday(database: Database, day: date, name: str, *, by: Actor) -> None:
    """Add a day on which nobody works. Open approvals keep their deadlines; later ones skip the day."""
    if day.year < FIRST_YEAR or day.year > LAST_YEAR:
        raise HolidayRefused(
            N_("Enter a day from {first} to {last}.").format(first=str(FIRST_YEAR), last=str(LAST_YEAR))
        )
    name = single_line(name)
    if not name or len(name) > LONGEST_NAME:
        raise HolidayRefused(N_("Enter a name of up to {count} characters.").format(count=LONGEST_NAME))
    async with database.transaction(by.tenant) as session:
        row = insert(Holiday).values(tenant_id=by.tenant, day=day, name=name)
        again = row.on_conflict_do_update(index_elements=["tenant_id", "day"], set_={"name": name})
        await session.execute(again)
        await record_fact(session, by.tenant, "calendar.add", by.person_id, day.isoformat(), name=name)


async def remove_holiday(database: Database, day: date, *, by: Actor) -> None:
    """Make it a working day again. NotFound if it is no holiday."""
    async with database.transaction(by.tenant) as session:
        deleted = await session.execute(delete(Holiday).where(Holiday.tenant_id == by.tenant, Holiday.day == day))
        if deleted.rowcount != 1:
            raise NotFound(N_("There is no holiday on this day."))
        await record_fact(session, by.tenant, "calendar.remove", by.person_id, day.isoformat())
