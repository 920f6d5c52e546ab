"""Working time across nights, weekends, holidays and clock changes."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.kit.calendar import AROUND_THE_CLOCK, Hours, WorkingCalendar

VIENNA = ZoneInfo("Europe/Vienna")
OFFICE = WorkingCalendar(
    zone="Europe/Vienna",
    hours=tuple(
        Hours(weekday=day, opens=opens, closes=closes)
        for day in range(5)
        for opens, closes in ((time(9), time(12)), (time(13), time(15) if day == 4 else time(17)))
    ),
    holidays=(date(2026, 12, 8), date(2026, 12, 24), date(2026, 12, 25)),
)
NIGHTS = WorkingCalendar(
    zone="Europe/Vienna", hours=tuple(Hours(weekday=day, opens=time(0), closes=time(6)) for day in range(7))
)


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=VIENNA)


@pytest.mark.parametrize(
    ("calendar", "start", "length", "expected"),
    [
        (OFFICE, "2026-11-25 10:00", timedelta(hours=1), "2026-11-25 11:00"),
        (OFFICE, "2026-11-25 11:00", timedelta(hours=2), "2026-11-25 14:00"),  # over lunch
        (OFFICE, "2026-11-25 16:00", timedelta(hours=2), "2026-11-26 10:00"),  # over night
        (OFFICE, "2026-11-27 14:00", timedelta(hours=2), "2026-11-30 10:00"),  # over a weekend
        (OFFICE, "2026-11-28 03:00", timedelta(hours=1), "2026-11-30 10:00"),  # asked on a Saturday
        (OFFICE, "2026-12-07 16:00", timedelta(hours=2), "2026-12-09 10:00"),  # over a holiday
        (OFFICE, "2026-12-23 17:00", timedelta(minutes=1), "2026-12-28 09:01"),  # two holidays and a weekend
        (OFFICE, "2026-11-25 10:00", timedelta(days=1), "2026-11-26 10:00"),
        (OFFICE, "2026-11-26 16:30", timedelta(days=1), "2026-11-27 15:00"),  # Friday ends at three
        (OFFICE, "2026-11-27 14:00", timedelta(days=1), "2026-11-30 14:00"),
        (OFFICE, "2026-11-28 03:00", timedelta(days=1), "2026-12-01 09:00"),  # Saturday counts as Monday morning
        (OFFICE, "2026-12-07 10:00", timedelta(days=2, hours=1), "2026-12-10 11:00"),
        (OFFICE, "2026-11-25 10:00", timedelta(0), "2026-11-25 10:00"),
        (NIGHTS, "2026-03-29 01:00", timedelta(hours=2), "2026-03-29 04:00"),  # the clock jumps from two to three
        (NIGHTS, "2026-10-25 01:00", timedelta(hours=3), "2026-10-25 03:00"),  # and back from three to two
        (OFFICE, "2026-10-23 14:00", timedelta(hours=2), "2026-10-26 10:00"),  # nine stays nine after the change
    ],
)
def test_so_much_working_time_later(calendar: WorkingCalendar, start: str, length: timedelta, expected: str) -> None:
    assert calendar.add(at(start), length) == at(expected)


def test_without_hours_every_moment_counts() -> None:
    start = at("2026-11-28 03:00")
    assert AROUND_THE_CLOCK.add(start, timedelta(days=2, hours=3)) == start + timedelta(days=2, hours=3)
    assert AROUND_THE_CLOCK.between(start, start + timedelta(hours=5)) == timedelta(hours=5)


def test_hours_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(ValidationError, match="must end after it starts"):
        Hours(weekday=0, opens=time(17), closes=time(9))


moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: at("2026-01-01 00:00") + timedelta(minutes=minutes))
stretches = st.timedeltas(timedelta(minutes=1), timedelta(hours=23)).map(
    lambda length: timedelta(minutes=length // timedelta(minutes=1))
)
calendars = st.sampled_from([OFFICE, NIGHTS])


@given(calendars, moments, stretches)
def test_as_much_is_worked_between_as_was_added(calendar: WorkingCalendar, start: datetime, length: timedelta) -> None:
    assert calendar.between(start, calendar.add(start, length)) == length


@given(calendars, moments, stretches)
def test_it_ends_while_people_work(calendar: WorkingCalendar, start: datetime, length: timedelta) -> None:
    end = calendar.add(start, length)
    assert calendar.between(end - timedelta(seconds=1), end) == timedelta(seconds=1)
    assert calendar.works_on((end - timedelta(seconds=1)).astimezone(VIENNA).date())


@given(calendars, moments, st.timedeltas(timedelta(0), timedelta(days=9)), stretches)
def test_who_is_asked_later_has_until_later(
    calendar: WorkingCalendar, start: datetime, later: timedelta, length: timedelta
) -> None:
    assert calendar.add(start, length) <= calendar.add(start + later, length)


@given(calendars, moments, stretches, stretches)
def test_in_two_parts_is_the_same(calendar: WorkingCalendar, start: datetime, one: timedelta, two: timedelta) -> None:
    in_parts = calendar.add(calendar.add(start, one), two)
    if one + two < timedelta(days=1):
        assert in_parts == calendar.add(start, one + two)
    assert calendar.between(start, in_parts) == one + two


@given(calendars, moments, st.integers(1, 40))
def test_so_many_working_days_later_is_a_working_day_so_many_on(
    calendar: WorkingCalendar, start: datetime, days: int
) -> None:
    end = calendar.add(start, timedelta(days=days)).astimezone(VIENNA).date()
    assert calendar.works_on(end)
    begin = calendar.add(start, timedelta(seconds=1)).astimezone(VIENNA).date()  # after hours it is the next day's
    worked = sum(calendar.works_on(begin + timedelta(days=n)) for n in range((end - begin).days + 1))
    assert worked == days + 1
