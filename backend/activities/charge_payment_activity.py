"""Charge a customer."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.payments import Charge, Charged


@activity.defn
async def charge_payment(charge: Charge) -> Charged:
    """Charge, or report that the card was declined. Safe to repeat: one charge per key."""
    return await services().payments.charge(charge)
