"""The working calendar of a tenant, for those who administer it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.api.routes.core.dependencies import Db
from backend.api.routes.core.posted import typed
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import ADMIN, CurrentPerson
from backend.cases.actor import Actor
from backend.cases.approvals.calendars import HolidayRefused, add_holiday, calendar_of, holidays_of, remove_holiday
from backend.database.engine import Database

router = APIRouter(tags=["calendar"], dependencies=[ADMIN])
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EXAMPLE = timedelta(days=2)


@router.get("/calendar", name="calendar:show")
async def show(person: CurrentPerson, database: Db, render: Render) -> Response:
    """Hours and holidays, and what two working days from now are."""
    return await _draw(person, database, render)


@router.post("/calendar/holidays", name="calendar:add")
async def add(request: Request, person: CurrentPerson, database: Db, render: Render) -> Response:
    """One more day on which nobody works."""
    form = await typed(request)
    try:
        day = _day(form.get("day", ""))
        await add_holiday(database, day, form.get("name", ""), by=person)
    except HolidayRefused as refused:
        return await _draw(person, database, render, problem=refused.sentence, form=form)
    return await render.redirect(render.path_for("calendar:show"), toast=f"{form['name'].strip()} is a holiday now.")


@router.post("/calendar/holidays/{day}/remove", name="calendar:remove")
async def remove(day: str, person: CurrentPerson, database: Db, render: Render) -> Response:
    """People work on this day after all."""
    await remove_holiday(database, _day(day), by=person)
    return await render.redirect(render.path_for("calendar:show"), toast="That day counts as a working day again.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise HolidayRefused("Choose a date, such as 2026-12-24.") from error


async def _draw(
    person: Actor, database: Database, render: Renderer, problem: str = "", form: dict[str, str] | None = None
) -> Response:
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(person.time_zone)).date()
    async with database.transaction(person.tenant) as session:
        calendar = await calendar_of(session, person.tenant)
        holidays = await holidays_of(session, person.tenant, today)
    return await render(
        "calendar/page.html",
        answer=422 if problem else 200,
        active="calendar",
        week=[(name, [each for each in calendar.hours if each.weekday == day]) for day, name in enumerate(WEEK)],
        calendar=calendar,
        holidays=holidays,
        example=calendar.add(now, EXAMPLE),
        works_today=not calendar.hours or calendar.works_on(today),
        problem=problem,
        form=form or {},
    )
