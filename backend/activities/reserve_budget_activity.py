"""Reserve money of a budget."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.budgets import BudgetRequest, Reservation


@activity.defn
async def reserve_budget(request: BudgetRequest) -> Reservation:
    """Reserve, or report that too little is left. Safe to repeat: one reservation per key."""
    return await services().budgets.reserve(request)
