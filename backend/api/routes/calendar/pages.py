"""The working calendar of a tenant, for administrators."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from fastapi.responses import Response
from pydantic import Field

from backend.api.routes.core.dependencies import Db
from backend.api.routes.core.form_models import SINGLE_FIELDS, PostedForm, single_fields
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
OFFERED = 2  # periods a day; programs may set more
_TIME = re.compile(r"\d{1,2}:\d{2}")
Period = tuple[str, str]


class HoursForm(PostedForm):
    """The times of each weekday as typed: from, until, and the same for a second period. Empty periods do not count."""

    monday: list[str] = Field(default_factory=list)
    tuesday: list[str] = Field(default_factory=list)
    wednesday: list[str] = Field(default_factory=list)
    thursday: list[str] = Field(default_factory=list)
    friday: list[str] = Field(default_factory=list)
    saturday: list[str] = Field(default_factory=list)
    sunday: list[str] = Field(default_factory=list)

    def week(self) -> list[list[Period]]:
        """The periods of each day, in the order of `WEEK`."""
        days = (
            self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday,
        )  # fmt: skip
        typed = [[each.strip() for each in day] for day in days]
        return [list(zip_longest(day[::2], day[1::2], fillvalue="")) for day in typed]


HOURS_ONLY = single_fields(lists=list(HoursForm.model_fields))


@dataclass(frozen=True)
class Weekday:
    """One day of the week: its hours in words, and the periods in its fields."""

    name: str
    said: str
    periods: list[Period]


class HolidayForm(PostedForm):
    """A day on which nobody works, and its name."""

    day: str = ""
    name: str = ""


@router.get("/calendar", name="calendar:show")
async def show(person: CurrentPerson, database: Db, render: Render) -> Response:
    """Working hours, holidays, and an example of counting with them."""
    return await _draw(person, database, render)


@router.post("/calendar/hours", name="calendar:hours", dependencies=[HOURS_ONLY])
async def change_hours(
    form: Annotated[HoursForm, Form()], person: CurrentPerson, database: Db, render: Render
) -> Response:
    """Save the hours of the whole week."""
    hours, errors = _week(form)
    if not errors:
        try:
            await set_hours(database, hours, by=person)
        except HoursRefused as refused:
            errors[WEEK[refused.weekday]] = refused.sentence
    if errors:
        return await _draw(person, database, render, hours=form, errors=errors)
    return await render.redirect(render.path_for("calendar:show"), toast=N_("Working hours saved."))


def _week(form: HoursForm) -> tuple[list[Hours], dict[str, str]]:
    """The hours of every weekday as typed, and what is wrong by weekday."""
    hours: list[Hours] = []
    errors: dict[str, str] = {}
    for weekday, (name, periods) in enumerate(zip(WEEK, form.week(), strict=True)):
        typed = [period for period in periods if any(period)]
        if wrong := next(filter(None, map(_wrong_with, typed)), ""):
            errors[name] = wrong
            continue
        hours += [Hours(weekday=weekday, opens=_time(opens), closes=_time(closes)) for opens, closes in typed]
    return hours, errors


def _wrong_with(period: Period) -> str:
    """What is wrong with a period as typed; empty if nothing is."""
    if not all(period):
        return N_("Enter both times of each period.")
    try:
        opens, closes = map(_time, period)
    except ValueError:
        return N_("Enter times such as 09:00.")
    return "" if opens < closes else N_("Each period must end after it starts.")


def _time(typed: str) -> time:
    """ValueError unless it is a time such as 9:00 or 17:30."""
    if not _TIME.fullmatch(typed):
        raise ValueError(typed)
    return time.fromisoformat(typed.zfill(5))


def _weekday(name: str, hours: Sequence[Hours], typed: Sequence[Period] | None) -> Weekday:
    """A day with its hours, or with what was typed instead; at least as many fields as are always offered."""
    spans = [(f"{each.opens:%H:%M}", f"{each.closes:%H:%M}") for each in hours]
    shown = list(spans if typed is None else typed)
    said = ", ".join(f"{opens}–{closes}" for opens, closes in spans)
    return Weekday(name, said, shown + [("", "")] * (OFFERED - len(shown)))


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
    typed: Sequence[Sequence[Period] | None] = hours.week() if hours else [None] * len(WEEK)
    return await render(
        "calendar/page.html",
        answer=422 if problem or errors else 200,
        active="calendar",
        week=[
            _weekday(name, [each for each in calendar.hours if each.weekday == day], typed[day])
            for day, name in enumerate(WEEK)
        ],
        calendar=calendar,
        holidays=holidays,
        example=calendar.add(now, EXAMPLE),
        works_today=not calendar.hours or calendar.works_on(today),
        problem=problem,
        errors=errors or {},
        holiday=holiday or HolidayForm(),
    )
