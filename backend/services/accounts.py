"""The directory of accounts: one login per employee."""

from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import select, text

from backend.database.engine import Database
from backend.database.patterns import folded
from backend.database.tables import Effect
from backend.kit.i18n import N_
from backend.kit.text import login_name
from backend.services import effects
from backend.services.keyed import Keyed, Refused

KIND = "account"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('countersign.accounts'), hashtext(:tenant))")


class AccountRequest(Keyed):
    """Whose account; the address identifies the person."""

    name: str
    email: str


class Account(BaseModel):
    """The login that the directory assigned."""

    login: str


class Accounts(Protocol):
    """Opens, activates and closes accounts, each once per key."""

    async def create(self, request: AccountRequest) -> Account:
        """Create an inactive account; Refused if this address has one."""
        ...

    async def activate(self, request: AccountRequest) -> None:
        """Activate the account."""
        ...

    async def close(self, request: AccountRequest) -> None:
        """Close the account of this key; does nothing if there is none."""
        ...


class PostgresAccounts:
    """Accounts in our own effects table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, request: AccountRequest) -> Account:
        """Create it; the same key gets the same login, and one address has one account at a time."""
        async with self._database.transaction(request.tenant) as session:
            await session.execute(_ONE_AT_A_TIME, {"tenant": request.tenant})
            same = folded(Effect.request["email"].astext) == folded(request.email)
            others = (Effect.kind == KIND, Effect.undone_at.is_(None), Effect.key != request.key, same)
            if await session.scalar(select(Effect.key).where(*others).limit(1)):
                raise Refused(N_("This address already has an account"))
            account = Account(login=login_name(request.email.partition("@")[0]))
            await effects.first_time(session, KIND, request, account)
            return Account.model_validate(await effects.result_of(session, request))

    async def activate(self, request: AccountRequest) -> None:
        """Note that it is active."""
        async with self._database.transaction(request.tenant) as session:
            await effects.first_time(session, "account_activation", request)

    async def close(self, request: AccountRequest) -> None:
        """Close it."""
        async with self._database.transaction(request.tenant) as session:
            await effects.undo(session, KIND, request)
