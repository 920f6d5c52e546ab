"""Activate an account."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.accounts import AccountRequest


@activity.defn
async def activate_account(request: AccountRequest) -> None:
    """Activate it. Safe to repeat."""
    await services().accounts.activate(request)
