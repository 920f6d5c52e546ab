"""Purchases of the demo, in every state a purchase can be in."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from backend.commands.demo.story import Amends, Comments, Decides, Story, Withdraws
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
    """Those that wait for people come first."""
    yield from _waiting()
    yield from _sent_back()
    yield from _over()


def _story(name: str, who: str, form: dict[str, Any], *steps: Any, **plan: Any) -> Story:
    return Story(f"purchase {name}", "purchase_approval", who, form, steps, plan)


def _waiting() -> Iterator[Story]:
    lamps = purchase(
        "Desk lamps for the reading room", "Lichthaus Wien", "Two of the old ones are broken.", ("Lamp", 5, "64.00")
    )
    yield _story("at the manager", "edda", lamps)
    pump = purchase(
        "Spare pump for line 2",
        "Hydra Service",
        "The old pump leaks, and line 2 has no spare.",
        ("Pump, 4 bar", 1, "890.00"),
    )
    yield _story("overdue", "olga", pump, manager_due=timedelta(seconds=1))
    desks = purchase(
        "Standing desks for the dispatch office", "Nordwerk Möbel GmbH",
        "The old tables will not pass the inspection in October. Two people have a doctor's note.",
        ("Standing desk 160 × 80", 6, "740.00"), ("Cable tray", 6, "70.00"), centre="4200",
    )  # fmt: skip
    yield _story(
        "at finance", "ann", desks, Comments("ann", "The quote is valid until Friday."), Decides("mona", "manager")
    )
    racks = purchase(
        "Pallet racks for hall 3", "Halden Regalbau", "Hall 3 opens in November and has no racks yet.",
        ("Rack, 3 levels", 12, "1410.00"), ("Installation", 1, "1320.00"), centre="4200",
    )  # fmt: skip
    yield _story(
        "one of two",
        "ann",
        racks,
        Decides("mona", "manager"),
        Decides("finn", "finance", comment="Within the Q4 budget."),
    )


def _sent_back() -> Iterator[Story]:
    changes = Decides("mona", "manager", DecisionKind.SEND_BACK, "Please ask for the framework price.")
    chairs = purchase(
        "Office chairs for the new desks", "Sitzwerk", "Twelve new employees start in spring.", ("Chair", 12, "310.00")
    )
    yield _story("sent back", "ann", chairs, changes)
    cheaper = {"items": [{"description": "Scanner", "quantity": 4, "unit_price": "205.00"}]}
    scanners = purchase(
        "Handheld scanners for the gates", "Scanprofi", "Two gates with two shifts each.", ("Scanner", 4, "245.00")
    )
    yield _story("changed and asked again", "olga", scanners, changes, Amends("olga", cheaper))


def _over() -> Iterator[Story]:
    drill = purchase("Drill for the workshop", "Werkzeug Huber", "The old drill is worn out.", ("Drill", 1, "219.00"))
    yield _story("ordered", "ann", drill, Decides("mona", "manager", comment="Go ahead."))
    espresso = purchase(
        "Espresso machine", "Kaffee & Co", "For visitors in the meeting area.", ("Machine", 1, "880.00"), centre="1000"
    )
    yield _story(
        "rejected", "hugo", espresso, Decides("mona", "manager", DecisionKind.REJECT, "The kitchen already has one.")
    )
    poster = purchase(
        "Posters for a closed project",
        "Druckerei Lenz",
        "Requested after the project closed.",
        ("Poster", 20, "9.00"),
        centre="9900",
    )
    yield _story("over budget", "edda", poster, Decides("mona", "manager"))
    trolley = purchase(
        "Trolley for the archive", "Regalshop", "The boxes are too heavy to carry.", ("Trolley", 1, "149.00")
    )
    yield _story("recalled", "hugo", trolley, Withdraws("hugo", "manager", "Found one in storage."))
