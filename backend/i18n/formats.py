"""Dates, times, numbers, money, durations and lists as the reader's language writes them.

English is written by `backend.kit`, as in everything that is stored; other languages by CLDR.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal

from backend.i18n.catalogue import gettext, ngettext
from backend.i18n.language import Language, current_language
from backend.i18n.pseudo import CLOSED, OPENED
from backend.kit import times
from backend.kit.i18n import N_
from backend.kit.names import join_names

TWO_DECIMALS = "#,##0.00"
MINUTE = 60
JOINED_BY = {"or": N_("or"), "and": N_("and")}
NEAR = {0: N_("today"), 1: N_("tomorrow"), -1: N_("yesterday")}


def day(value: date, today: date | None = None) -> str:
    """“Tue 22 Sep”, “Di., 22. Sept.”; with the year only if it is another."""
    locale = current_language().locale
    if locale is None:
        return _written(times.day(value, today))
    same_year = value.year == (today or datetime.now(UTC).date()).year
    return format_skeleton("MMMEd" if same_year else "yMMMEd", value, locale=locale)


def near_day(value: date, today: date) -> str:
    """“today”, “heute”, else as `day`."""
    near = NEAR.get((value - today).days)
    return gettext(near) if near else day(value, today)


def day_time(moment: datetime, zone: str, now: datetime | None = None) -> str:
    """“today 16:00”, “heute 16:00”, else as `dated`."""
    local, today = moment.astimezone(ZoneInfo(zone)), (now or datetime.now(UTC)).astimezone(ZoneInfo(zone))
    return f"{near_day(local.date(), today.date())} {local:%H:%M}"


def dated(moment: datetime, zone: str) -> str:
    """“Tue 22 Sep 08:40”, “Di., 22. Sept. 08:40”, in a sentence."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day(local.date(), datetime.now(ZoneInfo(zone)).date())} {local:%H:%M}"


def in_full(moment: datetime, zone: str) -> str:
    """“Fri 27 Nov 2026 16:00 CET”, “Fr., 27. Nov. 2026 16:00 CET”: the same whenever and wherever it is read."""
    local, locale = moment.astimezone(ZoneInfo(zone)), current_language().locale
    if locale is None:
        return _written(f"{local:%a} {local.day} {local:%b %Y %H:%M %Z}")
    return f"{format_skeleton('yMMMEd', local.date(), locale=locale)} {local:%H:%M %Z}"


def number(value: float | Decimal) -> str:
    """“1,234.5”, “1.234,5”."""
    locale = current_language().locale
    return format_decimal(value, locale=locale, decimal_quantization=False) if locale else f"{value:,}"


def fixed(value: Decimal, places: int) -> str:
    """“1,234.50”, “1.234,50”: with this many decimal places."""
    locale = current_language().locale
    pattern = f"#,##0.{'0' * places}".rstrip(".")
    return format_decimal(value, pattern, locale=locale) if locale else f"{value:,.{places}f}"


def money(amount: Decimal, currency: str = "") -> str:
    """“EUR 4,860.00”, “4.860,00 EUR”."""
    locale = current_language().locale
    if locale is None:
        return _written(f"{currency} {amount:,.2f}".strip())
    return f"{format_decimal(amount, TWO_DECIMALS, locale=locale)} {currency}".strip()


def duration(length: timedelta) -> str:
    """“1 day 22 hours”, “4 min”: the two largest parts."""
    seconds = int(abs(length.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    parts = [
        (days, ngettext("{count} day", "{count} days", days)),
        (hours, ngettext("{count} hour", "{count} hours", hours)),
        (minutes, gettext(N_("{count} min"))),
        (seconds % MINUTE, gettext(N_("{count} s"))),
    ]
    words = [unit.format(count=count) for count, unit in parts if count]
    return " ".join(words[:2]) or gettext(N_("{count} s")).format(count=0)


def brief(length: timedelta) -> str:
    """“0.4 s”, “12.3 s”, else as `duration`: for lists of what machines did."""
    seconds = length.total_seconds()
    return gettext(N_("{count} s")).format(count=_tenths(seconds)) if seconds < MINUTE else duration(length)


def filesize(size: int) -> str:
    """“182 KB”, “1.5 MB”."""
    kilobytes = max(1, round(size / 1024))
    return _written(f"{kilobytes} KB" if size < 1024 * 1024 else f"{_tenths(size / 1024 / 1024)} MB")


def listed(items: Sequence[str], word: str = "or") -> str:
    """“Ann, Ben or Cem”, with “and” too."""
    locale = current_language().locale
    if locale is None:
        return join_names(items, gettext(JOINED_BY[word]))
    joined: str = format_list(items, "or" if word == "or" else "standard", locale=locale)
    return joined


def _tenths(value: float) -> str:
    locale = current_language().locale
    return format_decimal(value, "0.0", locale=locale) if locale else f"{value:.1f}"


def _written(text: str) -> str:
    """What the source's own format writes; marked where a test looks for text that was not translated."""
    return f"{OPENED}{text}{CLOSED}" if current_language() is Language.PSEUDO else text
