"""One address has one account at a time, however it is spelled."""

from uuid import uuid4

import pytest

from backend.database.engine import Database
from backend.services.accounts import AccountRequest, PostgresAccounts
from backend.services.keyed import Refused


def asked(email: str) -> AccountRequest:
    """A request of a case of its own."""
    return AccountRequest(tenant="default", key=f"{uuid4()}:account", name="Nora Neu", email=email)


@pytest.mark.parametrize("second", ["Nora.Neu@Example.com", "NORA.NEU@EXAMPLE.COM"])
async def test_other_capitals_are_the_same_address(database: Database, second: str) -> None:
    accounts = PostgresAccounts(database)
    first = asked("nora.neu@example.com")
    await accounts.create(first)
    with pytest.raises(Refused):
        await accounts.create(asked(second))
    await accounts.close(first)
    assert (await accounts.create(asked(second))).login
