"""Charge a customer."""

from temporalio import activity

from backend.activities.core.journal import add_to_journal
from backend.activities.core.services import services
from backend.kit.i18n import N_
from backend.services.payments import Charge, Charged


@activity.defn
async def charge_payment(charge: Charge) -> Charged:
    """Charge and add it to the journal, or report that the card was declined. Safe to repeat: one charge per key."""
    charged = await services().payments.charge(charge)
    if not charged.declined:
        sentence = N_("Charged {amount}. Payment: {number}.") if charged.number else N_("Charged {amount}.")
        await add_to_journal(charge, "charged", sentence.format(amount=charge.total, number=charged.number))
    return charged
