"""What many wire models hold: moments in UTC, and the words of a case's status."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import PlainSerializer

Moment = Annotated[
    datetime, PlainSerializer(lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str)
]
CaseStatusWord = Literal["queued", "running", "completed", "cancelled", "failed", "terminated", "timed_out"]
