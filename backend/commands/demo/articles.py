"""Articles of the demo: in review, changes requested, resubmitted, scheduled, published, retracted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.commands.demo.story import Amends, Decides, Step, Story, TakesAction
from backend.kit.approval import DecisionKind

OPENING = """# Saturday

We started at **five** in the morning, with forty people and one list.

1. Everything on wheels
2. Everything else
3. The lamps, carried by hand

# Sunday

At noon the first truck left through the new gate. *Nothing was broken.*
"""


def article(title: str, summary: str, body: str, *tags: str, days: int | None = None) -> dict[str, Any]:
    """The form of an article, to be published in so many days, at nine; or as soon as it is approved."""
    nine = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    moment = None if days is None else nine + timedelta(days=days)
    return {"title": title, "summary": summary, "body": body, "tags": list(tags), "publish_at": moment}


def stories() -> Iterator[Story]:
    """Those that wait for people come first."""
    approves = Decides("edda", "review")
    lights = article(
        "New lights in hall 2",
        "What changes for the late shift.",
        "The lights *dim at 10 pm*. If you need more light, ask Ann.",
        "hall 2",
    )
    yield _story("in review", "ann", lights)
    changes = Decides("edda", "review", DecisionKind.SEND_BACK, "Please name the gate and leave out the prices.")
    gates = article("Two gates, one queue", "How trucks check in from now on.", "The gate opens at 6 am.", "gates")
    yield _story("sent back", "olga", gates, changes)
    badges = article(
        "Badges open the archive", "From May on, no keys.", "Return your keys at the front desk.", "archive"
    )
    clearer = {"body": "Return your keys at the front desk **by the end of April**."}
    yield _story("changed and asked again", "hugo", badges, changes, Amends("hugo", clearer))
    fair = article(
        "Meet us at the trade fair in Graz", "Hall 4, booth 12.", "We are showing the new rack.", "fairs", days=9
    )
    yield _story("waiting for its day", "ann", fair, approves)
    moved = article(
        "How we moved the warehouse", "One weekend, forty people, not one broken lamp.", OPENING, "logistics"
    )
    yield _story("published", "olga", moved, Decides("edda", "review", comment="A pleasure to read."))
    prices = article(
        "Lower freight rates", "Ten percent less from next month.", "Ask sales for the new price list.", "prices"
    )
    wrong = TakesAction("finn", "retract", {"reason": "The new rates are not final yet."})
    yield _story("retracted", "finn", prices, approves, wrong)


def _story(name: str, who: str, form: dict[str, Any], *steps: Step) -> Story:
    return Story(f"article {name}", "article_publication", who, form, steps)
