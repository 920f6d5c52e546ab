"""Release a reserved budget."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.budgets import BudgetRequest


@activity.defn
async def release_budget(request: BudgetRequest) -> None:
    """Release what this key reserved. Safe to repeat, and harmless if nothing was reserved."""
    await services().budgets.release(request)
