"""Types that many wire models share: times in UTC, and the status of a case."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import PlainSerializer

Moment = Annotated[
    datetime, PlainSerializer(lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str)
]
CaseStatusWord = Literal["queued", "running", "completed", "cancelled", "failed", "terminated", "timed_out"]
