"""Purchases to request."""

from datetime import UTC, datetime, timedelta
from typing import Any


def purchase(total: str = "480.00", **changes: Any) -> dict[str, Any]:
    """The JSON of a purchase with this total."""
    form = {
        "title": "Standing desks for the dispatch office",
        "vendor": "Nordwerk Möbel GmbH",
        "cost_centre": "4200",
        "needed_by": (datetime.now(UTC).date() + timedelta(days=20)).isoformat(),
        "currency": "EUR",
        "items": [{"description": "Standing desk 160 × 80", "quantity": 1, "unit_price": total}],
        "justification": "The old tables fail the inspection in October.",
        "attachments": [],
    }
    return form | changes
