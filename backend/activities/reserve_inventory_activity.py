"""Reserve articles for an order."""

from collections.abc import Sequence

from temporalio import activity

from backend.activities.core.journal import add_to_journal
from backend.activities.core.services import services
from backend.kit.i18n import N_, NN_
from backend.services.inventory import Stock, StockLine, StockRequest

MOST_NAMED = 10  # articles in one line of the journal


@activity.defn
async def reserve_inventory(request: StockRequest) -> Stock:
    """Reserve as much as there is, and add it to the journal. Safe to repeat: one reservation per key."""
    stock = await services().inventory.reserve(request)
    if stock.reserved:
        await add_to_journal(request, "reserved", reserved_sentence(stock.reserved))
    return stock


def reserved_sentence(lines: Sequence[StockLine]) -> str:
    """How much was reserved of which articles; of many, only the first are named."""
    named = ", ".join(f"{line.quantity} × {line.sku}" for line in lines[:MOST_NAMED])
    more = len(lines) - MOST_NAMED
    if more <= 0:
        return N_("Reserved {text}.").format(text=named)
    sentence = NN_("Reserved {text} and {count} more article.", "Reserved {text} and {count} more articles.", more)
    return sentence.format(text=named, count=more)
