"""A slow sign-in does not hold up others."""

import asyncio
import threading
import unicodedata
from datetime import timedelta

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import text

from backend.cases.people.new_person import NewPerson, add_person
from backend.cases.people.sign_in import Authenticator, SignInFailed
from backend.cases.people.sign_in_limits import Origin
from backend.database.engine import Database
from backend.embedded.postgres import EmbeddedPostgres
from tests.api.routes.session.test_sign_in import facts
from tests.support.postgres import PASSWORD

HOUR = timedelta(hours=1)
HERE = Origin("192.0.2.1")


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
    signing_in = asyncio.create_task(authenticator.sign_in("ann", PASSWORD, HERE))
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
        await authenticator.sign_in("ann", "not this one", HERE)
    await database.close()


async def test_a_name_and_a_password_are_the_same_in_both_spellings_of_unicode(database: Database) -> None:
    typed_on = {"a Mac": unicodedata.normalize("NFD", "Pässwörter sind süß"), "Windows": "Pässwörter sind süß"}
    authenticator = Authenticator(database, HOUR, HOUR)
    for number, password in enumerate(typed_on.values()):
        name = f"änne{number}"
        await add_person(database, NewPerson(name, "default", "Änne Ö", "anne@example.com"), password)
        added = (await facts(database, "person.add"))[-1]
        assert (added["subject"], added["actor"], added["groups"]) == (name, "command line", [])
        try:
            for other in typed_on.values():
                assert await authenticator.sign_in(unicodedata.normalize("NFD", name.upper()), other, HERE)
        finally:
            async with database.across_tenants() as session:
                await session.execute(text("DELETE FROM sessions WHERE person_id = :name"), {"name": name})
                await session.execute(text("DELETE FROM people WHERE id = :name"), {"name": name})


async def test_a_password_that_was_kept_in_the_other_spelling_still_works(database: Database) -> None:
    typed = unicodedata.normalize("NFD", "Pässwörter sind süß")
    kept = PasswordHash((Argon2Hasher(),)).hash(typed)
    authenticator = Authenticator(database, HOUR, HOUR)
    assert authenticator._verify(typed, kept)  # noqa: SLF001 - hashes of the release before
