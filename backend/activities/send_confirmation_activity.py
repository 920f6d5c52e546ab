"""Tell a customer that the order is on its way."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.confirmations import Confirmation


@activity.defn
async def send_confirmation(confirmation: Confirmation) -> None:
    """Send the mail. Safe to repeat: one mail for a key."""
    await services().confirmations.send(confirmation)
