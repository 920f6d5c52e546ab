"""Working time: adding hours and days at work to a moment, across weekends, holidays and changes of the clock."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.kit.i18n import N_

A_DAY = timedelta(days=1)


class Hours(BaseModel):
    """Working hours on one weekday, Monday being 0; a day with a break has two of these."""

    model_config = ConfigDict(frozen=True)

    weekday: int = Field(ge=0, le=6)
    opens: time
    closes: time

    @model_validator(mode="after")
    def closes_after_it_opens(self) -> Self:
        """A night shift is two of these, one per day."""
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError(N_("Hours are in the time zone of the calendar; leave out the zone"))
        if self.closes <= self.opens:
            raise ValueError(N_("A working day must end after it starts"))
        return self


class WorkingCalendar(BaseModel):
    """When a tenant works: its time zone, its hours, and its holidays.

    A calendar without hours counts every moment, as a clock does.
    """

    model_config = ConfigDict(frozen=True)

    zone: str = "UTC"
    hours: tuple[Hours, ...] = ()
    holidays: tuple[date, ...] = ()

    def add(self, moment: datetime, length: timedelta) -> datetime:
        """The moment after so much working time: each 24 hours are a working day, the rest is time at work.

        A working day later is the same time of the next day that people work, or the nearest moment they do.
        """
        if not self.hours:
            return moment + length
        at = self._days_on(moment, length // A_DAY)
        return self._time_on(at, length % A_DAY)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time between two moments people work."""
        if not self.hours:
            return max(end - start, timedelta(0))
        total = timedelta(0)
        for opens, closes in self._spans(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def works_on(self, day: date) -> bool:
        """Whether people work on this day."""
        return day not in self.holidays and any(each.weekday == day.weekday() for each in self.hours)

    def _time_on(self, moment: datetime, length: timedelta) -> datetime:
        """So much time at work later. The end of a day stays the end of that day."""
        if length <= timedelta(0):
            return moment
        for opens, closes in self._spans(moment):
            if length <= closes - opens:
                return opens + length
            length -= closes - opens
        raise AssertionError("a calendar with hours has no last one")  # pragma: no cover

    def _days_on(self, moment: datetime, days: int) -> datetime:
        if days <= 0:
            return moment
        first, _ = next(self._spans(moment))
        local = first.astimezone(ZoneInfo(self.zone))
        day = local.date()
        for _ in range(days):
            day = self._next_day(day)
        return self._nearest(day, local.time())

    def _next_day(self, day: date) -> date:
        day += A_DAY
        while not self.works_on(day):
            day += A_DAY
        return day

    def _nearest(self, day: date, clock: time) -> datetime:
        """This time of day if people work then; else the next opening on that day, or its end."""
        wanted = self._instant(day, clock)
        spans = list(self._of_day(day))
        for opens, closes in spans:
            if wanted <= closes:
                return max(wanted, opens)
        return spans[-1][1] if spans else wanted

    def _spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans of working time from this moment on, in UTC and in order, without end."""
        day = start.astimezone(ZoneInfo(self.zone)).date()
        while True:
            if self.works_on(day):
                for opens, closes in self._of_day(day):
                    if closes > start:
                        yield max(opens, start.astimezone(UTC)), closes
            day += A_DAY

    def _of_day(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """In UTC, so that a day on which the clocks change is as long as it is."""
        mine = sorted((each for each in self.hours if each.weekday == day.weekday()), key=lambda each: each.opens)
        for each in mine:
            opens, closes = self._instant(day, each.opens), self._instant(day, each.closes)
            if closes > opens:
                yield opens, closes

    def _instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, ZoneInfo(self.zone)).astimezone(UTC)


AROUND_THE_CLOCK = WorkingCalendar()
