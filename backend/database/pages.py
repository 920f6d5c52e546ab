"""Keyset pages: the next page begins after the last row, so that page 1,000 costs what page 1 does."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

Row = TypeVar("Row")
COUNT_UP_TO = 1000  # counters of lists stop here: counting costs, and nobody reads further


class BadCursor(ValueError):
    """`after` is not a cursor that we gave."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and where the next page begins; None at the end."""

    items: Sequence[Row]
    next: str | None = None


def page_of(rows: Sequence[Row], limit: int, place: Callable[[Row], Sequence[object]]) -> Page[Row]:
    """The first `limit` of these rows, of which one more was read if there is one; `place` is that of a row."""
    more = len(rows) > limit
    return Page(rows[:limit], cursor(*place(rows[limit - 1])) if more else None)


def cursor(*parts: object) -> str:
    """An opaque place in an order."""
    words = [part.isoformat() if isinstance(part, datetime) else str(part) for part in parts]
    return base64.urlsafe_b64encode(json.dumps(words).encode()).decode()


def read_cursor(text: str, size: int) -> list[str]:
    """The parts of a cursor; BadCursor unless there are `size`."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (ValueError, binascii.Error) as error:
        raise BadCursor(text) from error
    if not isinstance(parts, list) or len(parts) != size:
        raise BadCursor(text)
    return [str(part) for part in parts]


def read_moment(word: str) -> datetime:
    """A moment of a cursor, in UTC; ValueError if it is none that PostgreSQL could hold."""
    moment = datetime.fromisoformat(word)
    try:
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(word) from error
    raise ValueError(word)


def read_moment_and_id(text: str, order: str = "") -> tuple[datetime, UUID]:
    """Where the next page of a list by time begins; BadCursor if that is not a cursor that we gave for this order."""
    named = [order] if order else []
    *given, moment, key = read_cursor(text, len(named) + 2)
    if given != named:
        raise BadCursor(text)
    try:
        return read_moment(moment), UUID(key)
    except ValueError as error:
        raise BadCursor(text) from error
