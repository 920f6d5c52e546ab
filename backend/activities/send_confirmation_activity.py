"""Notify a customer that the order is on its way."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.confirmations import Confirmation


@activity.defn
async def send_confirmation(confirmation: Confirmation) -> None:
    """Send the email. Safe to repeat: one email per key."""
    await services().confirmations.send(confirmation)
