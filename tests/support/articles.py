"""Articles to publish."""

from datetime import UTC, datetime, timedelta
from typing import Any


def moment(days: float = 10) -> datetime:
    """A moment this many days ahead."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def article(**changes: Any) -> dict[str, Any]:
    """The JSON of an article."""
    form = {
        "title": "How we moved the warehouse",
        "summary": "One weekend, forty people, no broken lamp.",
        "body": "# Saturday\n\nWe began at **five**.\n\n# Sunday\n\nWe were done at noon.",
        "tags": ["logistics", "news"],
        "publish_at": None,
    }
    return form | changes
