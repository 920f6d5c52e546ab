"""Orders of the demo: shipped, in review, waiting for a choice, rejected."""

from collections.abc import Iterator
from typing import Any

from backend.commands.demo.story import Decides, Step, Story
from backend.kit.approval import DecisionKind

Line = tuple[str, int, str]


def order(number: str, name: str, address: str, *lines: Line) -> dict[str, Any]:
    """The form of an order."""
    email = f"{name.lower().replace(' ', '.')}@example.com"
    return {
        "order_id": number,
        "currency": "EUR",
        "customer": {"name": name, "email": email, "address": address},
        "items": [{"sku": sku, "quantity": many, "unit_price": price} for sku, many, price in lines],
    }


def stories() -> Iterator[Story]:
    """Those that wait for people come first."""
    linz, graz = "Hafenstraße 3, 4020 Linz", "Mariengasse 8, 8020 Graz"
    yield _story("in review", order("A-1001", "Cem Kaya", linz, ("DESK-160", 9, "640.00")))
    yield _story("incomplete", order("A-1002", "Lea Brunner", graz, ("SHELF-07", 5, "129.00"), ("LAMP-01", 1, "39.00")))
    yield _story("sent", order("A-1003", "Jonas Eder", graz, ("LAMP-01", 2, "39.00"), ("CHAIR-02", 1, "310.00")))
    yield _story("out of stock", order("A-1004", "Mira Novak", linz, ("RUG-11", 1, "240.00")))
    rejects = Decides("olga", "review", DecisionKind.REJECT, "The customer cannot be reached.")
    yield _story("refused", order("A-1005", "Paul Winter", linz, ("CHAIR-02", 20, "310.00")), rejects)


def _story(name: str, form: dict[str, Any], *steps: Step) -> Story:
    return Story(f"order {name}", "order_fulfillment", "ann", form, steps)
