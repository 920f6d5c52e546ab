"""Orders that come in."""

from typing import Any


def line(sku: str = "LAMP-01", quantity: int = 2, unit_price: str = "60.00") -> dict[str, Any]:
    """One line of an order."""
    return {"sku": sku, "quantity": quantity, "unit_price": unit_price}


def order(*lines: dict[str, Any], address: str = "Hafenstraße 3, 4020 Linz", **changes: Any) -> dict[str, Any]:
    """The JSON of an order with these lines."""
    form = {
        "order_id": "A-1001",
        "customer": {"name": "Cem Kaya", "email": "cem.kaya@example.com", "address": address},
        "currency": "EUR",
        "items": list(lines or (line(),)),
    }
    return form | changes
