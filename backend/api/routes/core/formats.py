"""How values read on pages: times as people say them, money with two decimals, sizes and ages."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context

from backend.api.routes.core.markdown import as_html
from backend.database.pages import COUNT_UP_TO
from backend.kit.moments import rewrite_moments
from backend.kit.money import Money
from backend.kit.times import dated, day, day_time

ISO_DATE = len("2026-09-22")


def duration(length: timedelta) -> str:
    """«1 day 22 hours», «4 min», the two largest parts."""
    seconds = int(abs(length.total_seconds()))
    parts = [
        (seconds // 86400, "day"),
        (seconds % 86400 // 3600, "hour"),
        (seconds % 3600 // 60, "min"),
        (seconds % 60, "s"),
    ]
    words = [f"{n} {unit}{'s' if n != 1 and unit in {'day', 'hour'} else ''}" for n, unit in parts if n]
    return " ".join(words[:2]) or "0 s"


def brief(length: timedelta) -> str:
    """«0.4 s», «12.3 s», else as `duration`: for lists of what machines did."""
    seconds = length.total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else duration(length)  # noqa: PLR2004 - a minute


def money(value: Decimal | Money | None, currency: str = "") -> str:
    """«EUR 4,860.00»; «none» for nothing."""
    if isinstance(value, Money):
        return str(value)
    if value is None:
        return "none"
    return f"{currency} {value:,.2f}".strip()


def filesize(size: int) -> str:
    """«182 KB»."""
    return f"{max(1, round(size / 1024))} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def initials(name: str) -> str:
    """«AB» for Ann Berger."""
    return "".join(part[0] for part in name.split()[:2]).upper()


def capitalised(sentence: str) -> str:
    """The first letter large, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def counted(count: int) -> str:
    """«999+» where counting stopped."""
    return f"{COUNT_UP_TO - 1}+" if count >= COUNT_UP_TO else str(count)


def as_said(value: object) -> str:
    """A short field of a form as people read it: dates as days, yes and no, «none» for nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return "none"
    text = str(value)
    try:
        return day(date.fromisoformat(text)) if len(text) == ISO_DATE else text
    except ValueError:
        return text


@pass_context
def _day_time(context: Context, moment: datetime) -> str:
    return day_time(moment, _zone(context))


@pass_context
def _local_moments(context: Context, sentence: str) -> str:
    zone = _zone(context)
    return rewrite_moments(sentence, lambda moment: dated(moment, zone))


@pass_context
def _day_of(context: Context, moment: datetime) -> str:
    return day(moment.astimezone(ZoneInfo(_zone(context))).date())


@pass_context
def _clock(context: Context, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(_zone(context))):%H:%M}"


@pass_context
def _to_the_second(context: Context, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(_zone(context)))
    return f"{capitalised(day_time(moment, _zone(context)))}:{local:%S}"


@pass_context
def _exact(context: Context, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(_zone(context))):%Y-%m-%d %H:%M:%S %Z}"


@pass_context
def _local_input(context: Context, typed: str) -> str:
    """A moment as an input of the browser holds it: where the person is, to the minute; anything else as typed."""
    try:
        moment = datetime.fromisoformat(typed)
        local = moment.astimezone(ZoneInfo(_zone(context))) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return typed
    return f"{local:%Y-%m-%dT%H:%M}"


def _zone(context: Mapping[str, Any] | Context) -> str:
    actor = context.get("actor") or context.get("reader")
    return actor.time_zone if actor else "UTC"


def _age(moment: datetime) -> str:
    return duration(datetime.now(UTC) - moment)


def said_to(sentence: str, name: str) -> str:
    """The sentence to the reader it names: "Ann Berger can choose" is "You can choose" to her."""
    return capitalised(sentence.replace(f"{name} can ", "you can ")) if f"{name} can " in sentence else sentence


FILTERS = {
    "markdown": as_html,
    "local_input": _local_input,
    "day_time": _day_time,
    "day": day,
    "local_moments": _local_moments,
    "day_of": _day_of,
    "clock": _clock,
    "exact": _exact,
    "age": _age,
    "duration": duration,
    "brief": brief,
    "to_the_second": _to_the_second,
    "money": money,
    "filesize": filesize,
    "initials": initials,
    "capitalised": capitalised,
    "counted": counted,
    "as_said": as_said,
    "said_to": said_to,
}
