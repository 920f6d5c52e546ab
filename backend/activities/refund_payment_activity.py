"""Refund a payment."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.payments import Charge


@activity.defn
async def refund_payment(charge: Charge) -> None:
    """Refund what this key charged. Safe to repeat, and harmless if nothing was charged."""
    await services().payments.refund(charge)
