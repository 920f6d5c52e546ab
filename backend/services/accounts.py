"""The directory of accounts: a login for everybody who works here."""

from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import func, select, text

from backend.database.engine import Database
from backend.database.tables import Effect
from backend.services import effects
from backend.services.keyed import Keyed, Refused

KIND = "account"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('countersign.accounts'), hashtext(:tenant))")


class AccountRequest(Keyed):
    """Whose account; the address is what makes it one person's."""

    name: str
    email: str


class Account(BaseModel):
    """The login that the directory gave."""

    login: str


class Accounts(Protocol):
    """Opens, activates and closes accounts, each once a key."""

    async def create(self, request: AccountRequest) -> Account:
        """Open a sleeping account; Refused if this address has one."""
        ...

    async def activate(self, request: AccountRequest) -> None:
        """Let its owner in."""
        ...

    async def close(self, request: AccountRequest) -> None:
        """Close what this key opened; nothing happens if there is none."""
        ...


class PostgresAccounts:
    """Accounts in our own effects table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, request: AccountRequest) -> Account:
        """Open it; the same key gets the same login, and one address has one account at a time."""
        async with self._database.transaction(request.tenant) as session:
            await session.execute(_ONE_AT_A_TIME, {"tenant": request.tenant})
            same = func.lower(Effect.request["email"].astext) == request.email.lower()
            others = (Effect.kind == KIND, Effect.undone_at.is_(None), Effect.key != request.key, same)
            if await session.scalar(select(Effect.key).where(*others).limit(1)):
                raise Refused("This address has an account already")
            account = Account(login=request.email.partition("@")[0].lower())
            await effects.first_time(session, KIND, request, account)
            return Account.model_validate(await effects.result_of(session, request))

    async def activate(self, request: AccountRequest) -> None:
        """Note that it is awake."""
        async with self._database.transaction(request.tenant) as session:
            await effects.first_time(session, "account_activation", request)

    async def close(self, request: AccountRequest) -> None:
        """Take it back."""
        async with self._database.transaction(request.tenant) as session:
            await effects.undo(session, KIND, request)
