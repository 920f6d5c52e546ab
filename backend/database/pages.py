"""Keyset pages: the next page begins after the last row, so that page 1,000 costs what page 1 does."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
COUNT_UP_TO = 1000  # counters beside lists stop here, for counting costs and nobody reads on


class BadCursor(ValueError):
    """`after` is not a cursor that we gave."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and where the next page begins; None at the end."""

    items: Sequence[Row]
    next: str | None = None


def cursor(*parts: object) -> str:
    """An opaque place in an order."""
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in parts]).encode()).decode()


def read_cursor(text: str, size: int) -> list[str]:
    """The parts of a cursor; BadCursor unless there are `size`."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (ValueError, binascii.Error) as error:
        raise BadCursor(text) from error
    if not isinstance(parts, list) or len(parts) != size:
        raise BadCursor(text)
    return [str(part) for part in parts]
