"""The timetable of an approval: reminders, escalations and deadline."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from backend.kit.approval import AtDeadline, Escalation, Step
from backend.kit.calendar import Hours, WorkingCalendar
from backend.kit.timetable import timetable

VIENNA = ZoneInfo("Europe/Vienna")
FRIDAY = datetime(2026, 12, 4, 14, tzinfo=VIENNA)
OFFICE = WorkingCalendar(
    zone="Europe/Vienna",
    hours=tuple(Hours(weekday=day, opens=time(9), closes=time(17)) for day in range(5)),
    holidays=(date(2026, 12, 8),),
)


def step(**changes: Any) -> Step:
    given = {"key": "x", "label": "X", "question": "?", "who": ("person:mona",)}
    return Step.model_validate({**given, "due": timedelta(days=2), "deadline": timedelta(days=10), **changes})


def told(policy: Step, calendar: WorkingCalendar) -> list[tuple[str, int, str]]:
    found = timetable(policy, FRIDAY, calendar).timers
    return [(each.kind, each.number, f"{each.at.astimezone(VIENNA):%d %H:%M}") for each in found]


def test_several_reminders_and_escalations_come_in_the_order_of_their_moments() -> None:
    policy = step(
        reminder=timedelta(days=1),
        reminders=(timedelta(days=4), timedelta(days=2)),
        escalation=timedelta(days=3),
        escalate_to=("group:managers",),
        escalations=(Escalation(after=timedelta(days=5), to=("person:root",)),),
    )
    assert told(policy, WorkingCalendar()) == [
        ("remind", 1, "05 14:00"),
        ("remind", 2, "06 14:00"),
        ("escalate", 1, "07 14:00"),
        ("remind", 3, "08 14:00"),
        ("escalate", 2, "09 14:00"),
    ]
    lasts = [each.number for each in timetable(policy, FRIDAY).timers if each.last]
    assert lasts == [3]


def test_working_time_leaves_out_the_weekend_and_the_holiday() -> None:
    policy = step(reminder=timedelta(days=1), escalation=timedelta(days=2), escalate_to=("group:managers",))
    assert told(policy, OFFICE) == [("remind", 1, "07 14:00"), ("escalate", 1, "09 14:00")]
    assert timetable(policy, FRIDAY, OFFICE).due_at == datetime(2026, 12, 9, 14, tzinfo=VIENNA)


def test_what_would_come_after_the_end_never_comes() -> None:
    policy = step(reminder=timedelta(days=11), deadline=timedelta(days=10))
    assert told(policy, WorkingCalendar()) == []


def test_a_deadline_that_escalates_asks_more_people_and_gives_as_long_again() -> None:
    policy = step(at_deadline=AtDeadline.ESCALATE, escalate_to=("group:managers",), deadline=timedelta(days=2))
    moments = timetable(policy, FRIDAY)
    assert [(each.kind, each.at) for each in moments.timers] == [("escalate", FRIDAY + timedelta(days=2))]
    assert moments.expires_at == FRIDAY + timedelta(days=4)


def test_a_deadline_cannot_escalate_to_nobody() -> None:
    with pytest.raises(ValidationError, match="a person to escalate to"):
        step(at_deadline=AtDeadline.ESCALATE)


def test_less_than_an_hour_counts_by_the_clock_also_on_a_weekend() -> None:
    saturday = datetime(2026, 12, 5, 12, tzinfo=VIENNA)
    found = timetable(step(due=timedelta(minutes=59), deadline=timedelta(hours=1)), saturday, OFFICE)
    assert found.due_at == saturday + timedelta(minutes=59)
    assert found.expires_at == datetime(2026, 12, 7, 10, tzinfo=VIENNA)
