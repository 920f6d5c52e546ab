"""Close an account."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.accounts import AccountRequest


@activity.defn
async def close_account(request: AccountRequest) -> None:
    """Close what this key opened. Safe to repeat, and harmless if nothing was opened."""
    await services().accounts.close(request)
