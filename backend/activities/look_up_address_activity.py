"""Look up where a customer's last orders went."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.lifecycle import previous_orders


@activity.defn
async def look_up_address(asked: previous_orders.PreviousOrders) -> previous_orders.PreviousAddresses:
    """Where the customer's last orders went. Safe to repeat: it changes nothing."""
    return await previous_orders.last_addresses(services().database, asked)
