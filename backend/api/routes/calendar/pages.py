"""The working calendar of a tenant, for administrators."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from fastapi.responses import Response

from backend.api.routes.core.dependencies import Db
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm
from backend.api.routes.core.rendering import Render, Renderer
from backend.api.routes.core.security import ADMIN, CurrentPerson
from backend.cases.approvals.core.calendars import (
    WEEK,
    HolidayRefused,
    HoursRefused,
    add_holiday,
    calendar_of,
    holidays_of,
    remove_holiday,
    set_hours,
)
from backend.cases.core.actor import Actor
from backend.database.engine import Database
from backend.kit.calendar import Hours
from backend.kit.i18n import N_
from backend.kit.text import single_line

router = APIRouter(tags=["calendar"], dependencies=[ADMIN])
EXAMPLE = timedelta(days=2)
_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*(?:to|-|–)\s*(\d{1,2}:\d{2})")


class HoursForm(PostedForm):
    """The hours of each weekday, such as 09:00-12:00, 13:00-17:00; empty for a day off."""

    monday: str = ""
    tuesday: str = ""
    wednesday: str = ""
    thursday: str = ""
    friday: str = ""
    saturday: str = ""
    sunday: str = ""

    def week(self) -> list[str]:
        """The lines in the order of `WEEK`."""
        return [
            self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday,
        ]  # fmt: skip


class HolidayForm(PostedForm):
    """A day on which nobody works, and its name."""

    day: str = ""
    name: str = ""


@router.get("/calendar", name="calendar:show")
async def show(person: CurrentPerson, database: Db, render: Render) -> Response:
    """Working hours, holidays, and an example of counting with them."""
    return await _draw(person, database, render)


@router.post("/calendar/hours", name="calendar:hours", dependencies=[SINGLE_FIELDS])
async def change_hours(
    form: Annotated[HoursForm, Form()], person: CurrentPerson, database: Db, render: Render
) -> Response:
    """Save the hours of the whole week."""
    hours, errors = _week(form)
    if not errors:
        try:
            await set_hours(database, hours, by=person)
        except HoursRefused as refused:
            errors["week"] = refused.sentence
    if errors:
        return await _draw(person, database, render, hours=form, errors=errors)
    return await render.redirect(render.path_for("calendar:show"), toast=N_("Working hours saved."))


def _week(form: HoursForm) -> tuple[list[Hours], dict[str, str]]:
    """The hours of every weekday as typed, and what is wrong by weekday."""
    hours: list[Hours] = []
    errors: dict[str, str] = {}
    for weekday, (name, line) in enumerate(zip(WEEK, form.week(), strict=True)):
        try:
            hours += _spans(weekday, line)
        except ValueError:
            errors[name] = N_("Enter hours as 09:00-17:00, with a comma before the next.")
    return hours, errors


def _spans(weekday: int, line: str) -> Iterator[Hours]:
    for part in filter(None, map(str.strip, line.split(","))):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise ValueError(part)
        opens, closes = (time.fromisoformat(each.zfill(5)) for each in found.groups())
        yield Hours(weekday=weekday, opens=opens, closes=closes)


def _said(hours: Sequence[Hours]) -> str:
    return ", ".join(f"{each.opens:%H:%M}–{each.closes:%H:%M}" for each in hours)


@router.post("/calendar/holidays", name="calendar:add", dependencies=[SINGLE_FIELDS])
async def add(form: Annotated[HolidayForm, Form()], person: CurrentPerson, database: Db, render: Render) -> Response:
    """Add a day on which nobody works."""
    try:
        await add_holiday(database, _day(form.day), form.name, by=person)
    except HolidayRefused as refused:
        return await _draw(person, database, render, problem=refused.sentence, holiday=form)
    return await render.redirect(
        render.path_for("calendar:show"), toast=N_("Holiday added: {name}").format(name=single_line(form.name))
    )


@router.post("/calendar/holidays/{day}/remove", name="calendar:remove")
async def remove(day: str, person: CurrentPerson, database: Db, render: Render) -> Response:
    """The day becomes a working day again."""
    await remove_holiday(database, _day(day), by=person)
    return await render.redirect(render.path_for("calendar:show"), toast=N_("Holiday removed."))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise HolidayRefused(N_("Enter a date, such as 2026-12-24.")) from error


async def _draw(
    person: Actor,
    database: Database,
    render: Renderer,
    problem: str = "",
    hours: HoursForm | None = None,
    holiday: HolidayForm | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(person.time_zone)).date()
    async with database.transaction(person.tenant) as session:
        calendar = await calendar_of(session, person.tenant)
        holidays = await holidays_of(session, person.tenant, today)
    return await render(
        "calendar/page.html",
        answer=422 if problem or errors else 200,
        active="calendar",
        week=[(name, _said([each for each in calendar.hours if each.weekday == day])) for day, name in enumerate(WEEK)],
        calendar=calendar,
        holidays=holidays,
        example=calendar.add(now, EXAMPLE),
        works_today=not calendar.hours or calendar.works_on(today),
        problem=problem,
        errors=errors or {},
        lines=hours.week() if hours else None,
        holiday=holiday or HolidayForm(),
    )
