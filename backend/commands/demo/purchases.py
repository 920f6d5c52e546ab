"""Purchases of the demo, in every state a purchase can be in."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from backend.commands.demo.story import Changes, Recalls, Remarks, Says, Story
from backend.kit.approval import DecisionKind

Line = tuple[str, int, str]


def purchase(title: str, vendor: str, why: str, *lines: Line, centre: str = "3100") -> dict[str, Any]:
    """The form of a purchase, needed in three weeks."""
    items = [{"description": what, "quantity": many, "unit_price": price} for what, many, price in lines]
    return {
        "title": title,
        "vendor": vendor,
        "cost_centre": centre,
        "needed_by": date.today() + timedelta(weeks=3),  # noqa: DTZ011 - any day in three weeks will do
        "items": items,
        "justification": why,
    }


def stories() -> Iterator[Story]:
    """One after the other; those that wait for people come first."""
    yield from _waiting()
    yield from _sent_back()
    yield from _over()


def _story(name: str, who: str, form: dict[str, Any], *steps: Any, **plan: Any) -> Story:
    return Story(f"purchase {name}", "purchase_approval", who, form, steps, plan)


def _waiting() -> Iterator[Story]:
    lamps = purchase("Desk lamps for the reading room", "Lichthaus Wien", "Two are broken.", ("Lamp", 5, "64.00"))
    yield _story("at the manager", "edda", lamps)
    pump = purchase("Spare pump for line 2", "Hydra Service", "The old one leaks.", ("Pump, 4 bar", 1, "890.00"))
    yield _story("overdue", "olga", pump, manager_due=timedelta(seconds=1))
    desks = purchase(
        "Standing desks for the dispatch office", "Nordwerk Möbel GmbH",
        "The old tables fail the inspection in October. Two people have a medical note.",
        ("Standing desk 160 × 80", 6, "740.00"), ("Cable tray", 6, "70.00"), centre="4200",
    )  # fmt: skip
    yield _story("at finance", "ann", desks, Remarks("ann", "The offer holds until Friday."), Says("mona", "manager"))
    racks = purchase(
        "Pallet racks for hall 3", "Halden Regalbau", "Hall 3 opens in November and has no racks.",
        ("Rack, 3 levels", 12, "1410.00"), ("Mounting", 1, "1320.00"), centre="4200",
    )  # fmt: skip
    yield _story(
        "one of two", "ann", racks, Says("mona", "manager"), Says("finn", "finance", comment="Within the plan of Q4.")
    )


def _sent_back() -> Iterator[Story]:
    no = Says("mona", "manager", DecisionKind.SEND_BACK, "Ask for the framework price, please.")
    chairs = purchase("Office chairs for the new desks", "Sitzwerk", "Twelve people start.", ("Chair", 12, "310.00"))
    yield _story("sent back", "ann", chairs, no)
    cheaper = {"items": [{"description": "Scanner", "quantity": 4, "unit_price": "205.00"}]}
    scanners = purchase("Hand scanners for the gate", "Scanprofi", "Two gates, two shifts.", ("Scanner", 4, "245.00"))
    yield _story("changed and asked again", "olga", scanners, no, Changes("olga", cheaper))


def _over() -> Iterator[Story]:
    drill = purchase("Drill for the workshop", "Werkzeug Huber", "The old one is worn.", ("Drill", 1, "219.00"))
    yield _story("ordered", "ann", drill, Says("mona", "manager", comment="Go ahead."))
    espresso = purchase("Espresso machine", "Kaffee & Co", "For the guests.", ("Machine", 1, "880.00"), centre="1000")
    yield _story(
        "rejected", "hugo", espresso, Says("mona", "manager", DecisionKind.REJECT, "The kitchen has one already.")
    )
    poster = purchase(
        "Posters for a closed project", "Druckerei Lenz", "A late wish.", ("Poster", 20, "9.00"), centre="9900"
    )
    yield _story("over budget", "edda", poster, Says("mona", "manager"))
    trolley = purchase("Trolley for the archive", "Regalshop", "Boxes are heavy.", ("Trolley", 1, "149.00"))
    yield _story("recalled", "hugo", trolley, Recalls("hugo", "manager", "Found one in the cellar."))
