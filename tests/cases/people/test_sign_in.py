"""A slow sign-in does not hold up others."""

import asyncio
import threading
from datetime import timedelta

import pytest
from pwdlib import PasswordHash

from backend.cases.people.sign_in import Authenticator, SignInFailed
from backend.database.engine import Database
from backend.embedded.postgres import EmbeddedPostgres
from tests.support.postgres import PASSWORD

HOUR = timedelta(hours=1)


class Slow(PasswordHash):
    """A password check that blocks until it is released."""

    def __init__(self, kept: PasswordHash) -> None:
        super().__init__(kept.hashers)
        self.asked, self.may_go_on = threading.Event(), threading.Event()

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - as pwdlib has it
        self.asked.set()
        self.may_go_on.wait(20)
        return super().verify(password, hash)


async def test_nobody_waits_for_a_connection_while_passwords_are_checked(cluster: EmbeddedPostgres) -> None:
    database = Database(cluster.app_url, pool_size=1)
    authenticator = Authenticator(database, HOUR, HOUR)
    slow = authenticator._hash = Slow(authenticator._hash)  # noqa: SLF001 - argon2 itself is as slow on a busy machine
    signing_in = asyncio.create_task(authenticator.sign_in("ann", PASSWORD, "here"))
    await asyncio.to_thread(slow.asked.wait, 20)
    try:
        async with asyncio.timeout(5):
            assert await authenticator.find("no cookie of ours", polling=False) is None
    finally:
        slow.may_go_on.set()
    found = await authenticator.find(await signing_in, polling=False)
    assert found is not None
    assert found.actor.person_id == "ann"
    with pytest.raises(SignInFailed):
        await authenticator.sign_in("ann", "not this one", "here")
    await database.close()
