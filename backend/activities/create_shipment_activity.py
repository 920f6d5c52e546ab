"""Ship an order."""

from temporalio import activity

from backend.activities.core.journal import add_to_journal
from backend.activities.core.services import services
from backend.kit.i18n import N_
from backend.services.shipping import Shipment, Shipped


@activity.defn
async def create_shipment(shipment: Shipment) -> Shipped:
    """Create the shipment, and add it to the journal. Safe to repeat: one shipment per key."""
    shipped = await services().shipping.create(shipment)
    sentence = N_("Shipped to {name}. Tracking number: {number}.")
    if not shipped.tracking_number:
        sentence = N_("Shipped to {name}.")
    await add_to_journal(shipment, "shipped", sentence.format(name=shipment.name, number=shipped.tracking_number))
    return shipped
