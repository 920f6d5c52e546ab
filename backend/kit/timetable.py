"""From the durations in a policy to moments: when an approval is due, when it reminds and escalates, when it ends."""

from collections.abc import Callable
from datetime import datetime, timedelta

from backend.kit.calendar import AROUND_THE_CLOCK, WorkingCalendar
from backend.kit.policy import AtDeadline, Escalation, Policy, Timer, TimerKind, Timetable

AN_HOUR = timedelta(hours=1)


def escalations_of(policy: Policy) -> tuple[Escalation, ...]:
    """Who else is asked, in order; a deadline that escalates is the last of them."""
    if policy.at_deadline is not AtDeadline.ESCALATE:
        return policy.chain
    to = policy.chain[-1].to if policy.chain else policy.escalate_to
    return (*policy.chain, Escalation(after=policy.deadline, to=to))


def _by(calendar: WorkingCalendar) -> Callable[[datetime, timedelta], datetime]:
    """Adds working time, but by the clock for less than an hour: what is due in minutes is not due on Monday."""

    def add(moment: datetime, length: timedelta) -> datetime:
        return moment + length if length < AN_HOUR else calendar.add(moment, length)

    return add


def timetable(policy: Policy, asked_at: datetime, calendar: WorkingCalendar = AROUND_THE_CLOCK) -> Timetable:
    """The moments of an approval that opens now. A deadline that escalates doubles the time before it ends."""
    add = _by(calendar)
    length = policy.deadline * (2 if policy.at_deadline is AtDeadline.ESCALATE else 1)
    expires_at = add(asked_at, length)
    lengths, chain = policy.reminder_times, escalations_of(policy)
    reminders = [
        Timer(at=add(asked_at, after), kind=TimerKind.REMIND, number=number, last=number == len(lengths) > 1)
        for number, after in enumerate(lengths, 1)
    ]
    escalations = [
        Timer(at=add(asked_at, each.after), kind=TimerKind.ESCALATE, number=number)
        for number, each in enumerate(chain, 1)
    ]
    timers = sorted(
        (*reminders, *escalations), key=lambda each: (each.at, each.kind is TimerKind.ESCALATE, each.number)
    )
    return Timetable(
        due_at=add(asked_at, policy.due),
        timers=tuple(each for each in timers if each.at < expires_at),
        expires_at=expires_at,
    )
