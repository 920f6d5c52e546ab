"""Reserve money on a cost centre."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.budgets import BudgetRequest, Reservation


@activity.defn
async def reserve_budget(request: BudgetRequest) -> Reservation:
    """Reserve, or say what is missing. Safe to repeat: one reservation for a key."""
    return await services().budgets.reserve(request)
