"""How values read on pages: times as people say them, money with two decimals, sizes and ages."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context

from backend.api.routes.core.markdown import as_html, preview
from backend.database.pages import COUNT_UP_TO
from backend.i18n import formats
from backend.i18n.catalogue import gettext
from backend.i18n.formats import day, day_time
from backend.i18n.sentences import translated, translated_names, value_shown
from backend.i18n.typed_numbers import language_named, respell_number, write_number
from backend.kit.i18n import N_
from backend.kit.money import Money

ISO_DATE = len("2026-09-22")


def money(value: Decimal | Money | None, currency: str = "") -> str:
    """“EUR 4,860.00”; “none” for nothing."""
    if value is None:
        return gettext(N_("none"))
    amount, unit = (value.amount, value.currency) if isinstance(value, Money) else (value, currency)
    return formats.money(amount, unit)


def initials(name: str) -> str:
    """“AB” for Ann Berger."""
    return "".join(part[0] for part in name.split()[:2]).upper()


def capitalised(sentence: str) -> str:
    """The first letter large, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def counted(count: int) -> str:
    """“999+” where counting stopped."""
    return f"{COUNT_UP_TO - 1}+" if count >= COUNT_UP_TO else str(count)


def as_said(value: object) -> str:
    """A short field of a form as people read it: dates as days, yes and no, “none” for nothing."""
    if isinstance(value, bool):
        return gettext(N_("yes")) if value else gettext(N_("no"))
    if value is None or value == "":
        return gettext(N_("none"))
    text = str(value)
    try:
        return day(date.fromisoformat(text)) if len(text) == ISO_DATE else text
    except ValueError:
        return text


@pass_context
def _day_time(context: Context, moment: datetime) -> str:
    return day_time(moment, _zone(context))


@pass_context
def _is_today(context: Context, moment: datetime) -> bool:
    zone = ZoneInfo(_zone(context))
    return moment.astimezone(zone).date() == datetime.now(zone).date()


@pass_context
def _translated(context: Context, sentence: object) -> str:
    return translated(str(sentence), _zone(context))


@pass_context
def _value_shown(context: Context, value: str) -> str:
    return value_shown(value, _zone(context))


@pass_context
def _day_of(context: Context, moment: datetime) -> str:
    return day(moment.astimezone(ZoneInfo(_zone(context))).date())


@pass_context
def _near_day(context: Context, moment: datetime) -> str:
    zone = ZoneInfo(_zone(context))
    return formats.near_day(moment.astimezone(zone).date(), datetime.now(zone).date())


@pass_context
def _clock(context: Context, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(_zone(context))):%H:%M}"


@pass_context
def _to_the_second(context: Context, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(_zone(context)))
    return f"{day_time(moment, _zone(context))}:{local:%S}"


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
    return formats.duration(datetime.now(UTC) - moment)


def _spoken(written: Callable[..., str]) -> Callable[..., str]:
    """A filter whose result depends on the reader: Jinja must not work it out when it compiles the template."""

    @pass_context
    @wraps(written)
    def filtered(_: Context, *given: Any, **named: Any) -> str:
        return written(*given, **named)

    return filtered


def said_to(sentence: str, name: str) -> str:
    """The sentence to the reader it names: "Ann Berger can choose" is "You can choose" to her."""
    return capitalised(sentence.replace(f"{name} can ", "you can ")) if f"{name} can " in sentence else sentence


def _respelled(typed: str, typed_in: str | None) -> str:
    """A typed number as this page writes it; `typed_in` is the language of the page on which it was typed."""
    return respell_number(typed, language_named(typed_in))


FILTERS = {
    "markdown": as_html,
    "preview": preview,
    "local_input": _local_input,
    "as_typed": _spoken(write_number),
    "respelled": _spoken(_respelled),
    "day_time": _day_time,
    "day": _spoken(day),
    "is_today": _is_today,
    "translated": _translated,
    "translated_names": _spoken(translated_names),
    "local_moments": _translated,
    "value_shown": _value_shown,
    "day_of": _day_of,
    "near_day": _near_day,
    "clock": _clock,
    "exact": _exact,
    "age": _spoken(_age),
    "duration": _spoken(formats.duration),
    "brief": _spoken(formats.brief),
    "to_the_second": _to_the_second,
    "money": _spoken(money),
    "number": _spoken(formats.number),
    "listed": _spoken(formats.listed),
    "filesize": _spoken(formats.filesize),
    "initials": initials,
    "capitalised": capitalised,
    "counted": counted,
    "as_said": _spoken(as_said),
    "said_to": said_to,
}
