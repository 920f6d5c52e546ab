"""Moments in sentences that are written before it is known who reads them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

_WRITTEN = "%d %b %Y %H:%M UTC"
_IN_UTC = re.compile(r"\b[A-Z][a-z]{2} (\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d UTC)\b")


def in_utc(moment: datetime) -> str:
    """As in "Tue 22 Sep 2026 08:40 UTC"."""
    utc = moment.astimezone(UTC)
    return f"{utc:%a} {utc.day} {utc:%b %Y %H:%M} UTC"


def rewrite_moments(sentence: str, shown: Callable[[datetime], str]) -> str:
    """The sentence with each moment that `in_utc` wrote rewritten for its reader."""

    def one(found: re.Match[str]) -> str:
        try:
            return shown(datetime.strptime(found[1], _WRITTEN).replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            return found[0]

    return _IN_UTC.sub(one, sentence)
