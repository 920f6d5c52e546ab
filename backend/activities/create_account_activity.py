"""Create an account in the directory."""

from temporalio import activity

from backend.activities.core.services import services
from backend.services.accounts import Account, AccountRequest


@activity.defn
async def create_account(request: AccountRequest) -> Account:
    """Create it, inactive until the first day. Safe to repeat: one account per key."""
    return await services().accounts.create(request)
