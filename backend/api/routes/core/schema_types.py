"""Types that many wire models share: times, days and amounts as JSON writes them, versions, the status of a case."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from backend.kit.i18n import N_

LARGEST = 2**31 - 1  # an integer of the database
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _plain_day(value: object) -> object:
    """Refuse what Pydantic would take for a day, too: seconds since 1970, a moment at midnight."""
    if isinstance(value, bool | int | float) or (isinstance(value, str) and not _DAY.fullmatch(value)):
        raise ValueError(N_("Choose a date, such as 2026-12-24"))
    return value


def _plain_decimal(value: object) -> object:
    """Refuse what Pydantic would take for a number, too: `1e3`, `1_000`, digits of other scripts."""
    if isinstance(value, bool) or (isinstance(value, str) and not _DECIMAL.fullmatch(value)):
        raise ValueError(N_("Enter a number, such as 3"))
    return value


Day = Annotated[date, BeforeValidator(_plain_day)]
PlainDecimal = Annotated[Decimal, BeforeValidator(_plain_decimal)]
Moment = Annotated[
    datetime, PlainSerializer(lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str)
]
CaseStatusWord = Literal["queued", "running", "completed", "cancelled", "failed", "terminated", "timed_out"]
VersionNumber = Annotated[int, Field(ge=1, le=LARGEST)]
