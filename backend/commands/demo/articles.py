"""Articles of the demo: in review, sent back, asked again, waiting for its day, published, retracted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.commands.demo.story import Changes, Does, Says, Step, Story
from backend.kit.approval import DecisionKind

OPENING = """# Saturday

We began at **five** in the morning, with forty people and one list.

1. Everything that stands on wheels
2. Everything that does not
3. The lamps, by hand

# Sunday

At noon the first lorry left from the new gate. *Nothing was broken.*
"""


def article(title: str, summary: str, body: str, *tags: str, days: int | None = None) -> dict[str, Any]:
    """The form of an article, to be published so many days from now, at nine; or as soon as it is reviewed."""
    nine = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    moment = None if days is None else nine + timedelta(days=days)
    return {"title": title, "summary": summary, "body": body, "tags": list(tags), "publish_at": moment}


def stories() -> Iterator[Story]:
    """One after the other; those that wait for people come first."""
    yes = Says("edda", "review")
    lights = article(
        "New lights in hall 2", "What changes on the late shift.", "The lights *dim at ten*. Ask Ann why.", "hall 2"
    )
    yield _story("in review", "ann", lights)
    no = Says("edda", "review", DecisionKind.SEND_BACK, "Say which gate, and leave out the prices.")
    gates = article("Two gates, one queue", "How lorries are let in from now on.", "The gate opens at six.", "gates")
    yield _story("sent back", "olga", gates, no)
    badges = article("Badges open the archive", "From May on, no keys.", "Keys are handed in at the desk.", "archive")
    clearer = {"body": "Keys are handed in at the desk, **by the end of April**."}
    yield _story("changed and asked again", "hugo", badges, no, Changes("hugo", clearer))
    fair = article("Meet us at the fair in Graz", "Hall 4, stand 12.", "We bring the new rack.", "fairs", days=9)
    yield _story("waiting for its day", "ann", fair, yes)
    moved = article("How we moved the warehouse", "One weekend, forty people, no broken lamp.", OPENING, "logistics")
    yield _story("published", "olga", moved, Says("edda", "review", comment="A pleasure to read."))
    prices = article("Freight gets cheaper", "By a tenth from next month.", "Ask for the new list.", "prices")
    wrong = Does("finn", "retract", {"reason": "The list is not agreed yet."})
    yield _story("retracted", "finn", prices, yes, wrong)


def _story(name: str, who: str, form: dict[str, Any], *steps: Step) -> Story:
    return Story(f"article {name}", "article_publication", who, form, steps)
