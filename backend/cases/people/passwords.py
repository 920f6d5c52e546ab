"""Passwords: their rules, and setting one by a one-time link."""

import asyncio

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete

from backend.cases.audit.record import record_fact
from backend.cases.core.errors import InvalidInput
from backend.cases.core.password_links import PasswordLinkNotValid, PasswordLinks
from backend.database.engine import Database
from backend.database.tables import Person, Session
from backend.kit.i18n import N_
from backend.kit.text import one_spelling

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200


def password_problems(password: str) -> dict[str, str]:
    """What is wrong with a new password, if anything."""
    if len(password) < SHORTEST_PASSWORD:
        return {"password": N_("The password must have at least {count} characters.").format(count=SHORTEST_PASSWORD)}
    if len(password) > LONGEST_PASSWORD:
        return {"password": N_("The password can have up to {count} characters.").format(count=LONGEST_PASSWORD)}
    return {}


def hash_password(password: str) -> str:
    """What is stored of a password. It takes a tenth of a second: call it outside of the event loop."""
    return PasswordHash((Argon2Hasher(),)).hash(one_spelling(password))


async def holder_of(database: Database, links: PasswordLinks, token: str) -> Person:
    """Whose password this link sets; PasswordLinkNotValid if it was used or the person is inactive."""
    link = links.read(token)
    async with database.across_tenants() as session:
        person = await session.get(Person, link.person_id)
    if person is None or not link.is_for(person):
        raise PasswordLinkNotValid
    return person


async def set_password(database: Database, links: PasswordLinks, token: str, password: str) -> Person:
    """Use the link: set the password and end all sessions. InvalidInput for a password that breaks the rules."""
    link = links.read(token)
    if problems := password_problems(password):
        raise InvalidInput(problems)
    hashed = await asyncio.to_thread(hash_password, password)
    async with database.across_tenants() as session:
        person = await session.get(Person, link.person_id, with_for_update={"key_share": True})
        if person is None or not link.is_for(person):
            raise PasswordLinkNotValid
        person.password_hash = hashed
        await session.execute(delete(Session).where(Session.person_id == person.id))
        await record_fact(session, person.tenant_id, "password.set", person.id, person.id)
    return person
