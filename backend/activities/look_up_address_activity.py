"""Look up where a customer's last orders went."""

from temporalio import activity

from backend.activities.core.services import services
from backend.cases.lifecycle import former_orders


@activity.defn
async def look_up_address(asked: former_orders.FormerOrders) -> former_orders.FormerAddresses:
    """Where the customer's last orders went. Safe to repeat: it changes nothing."""
    return await former_orders.last_addresses(services().database, asked)
