"""REST: the working calendar of the tenant."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from backend.api.routes.core.dependencies import Db
from backend.api.routes.core.problems import PROBLEMS
from backend.api.routes.core.schema_types import Day
from backend.api.routes.core.security import ADMIN, CurrentPerson
from backend.cases.approvals.core.calendars import add_holiday, calendar_of, holidays_of, remove_holiday, set_hours
from backend.cases.core.actor import Actor
from backend.database.engine import Database
from backend.kit.calendar import Hours

router = APIRouter(prefix="/calendar", tags=["calendar"], dependencies=[ADMIN], responses=PROBLEMS)
MOST_SPANS = 50


class HolidayOut(BaseModel):
    """A day off."""

    day: date
    name: str


class HolidayIn(BaseModel):
    """The name of the holiday."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, examples=["New Year's Day"])


class CalendarOut(BaseModel):
    """Working hours in the tenant's time zone, and holidays from today on; without hours, all time counts."""

    zone: str
    hours: list[Hours]
    holidays: list[HolidayOut]


@router.get("", name="api:calendar:show", summary="Get working hours and holidays")
async def show(person: CurrentPerson, database: Db) -> CalendarOut:
    """Due times, reminders, escalations and deadlines follow this calendar where a policy says so."""
    return await _calendar(person, database)


@router.put("/hours", name="api:calendar:hours", summary="Set working hours")
async def put_hours(
    body: Annotated[list[Hours], Body(max_length=MOST_SPANS)], person: CurrentPerson, database: Db
) -> CalendarOut:
    """The hours of the whole week; Monday is 0. A day with a break has two entries, a day off has none.

    Without any hours, all time counts as working time.
    """
    await set_hours(database, body, by=person)
    return await _calendar(person, database)


@router.put("/holidays/{day}", name="api:calendar:add", summary="Add or rename a holiday")
async def put(day: Day, body: HolidayIn, person: CurrentPerson, database: Db) -> CalendarOut:
    """Open approvals keep their times; the holiday applies to new ones."""
    await add_holiday(database, day, body.name, by=person)
    return await _calendar(person, database)


@router.delete("/holidays/{day}", name="api:calendar:remove", summary="Remove a holiday")
async def delete(day: Day, person: CurrentPerson, database: Db) -> CalendarOut:
    """The day becomes a working day again."""
    await remove_holiday(database, day, by=person)
    return await _calendar(person, database)


async def _calendar(person: Actor, database: Database) -> CalendarOut:
    async with database.transaction(person.tenant) as session:
        calendar = await calendar_of(session, person.tenant)
        holidays = await holidays_of(session, person.tenant, datetime.now(UTC).date())
    return CalendarOut(
        zone=calendar.zone,
        hours=list(calendar.hours),
        holidays=[HolidayOut(day=each.day, name=each.name) for each in holidays],
    )
