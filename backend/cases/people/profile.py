"""What people keep of their own account: their password and their sessions. Tokens are in `tokens`."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import delete, func, select

from backend.cases.audit.record import record_fact
from backend.cases.core.actor import Actor
from backend.cases.core.errors import InvalidInput
from backend.cases.people.passwords import hash_password, password_problems
from backend.cases.people.sign_in import Authenticator, SignInFailed
from backend.cases.people.sign_in_limits import Origin
from backend.database.engine import Database
from backend.database.tables import Person, Session
from backend.kit.i18n import N_


async def change_password(
    authenticator: Authenticator,
    database: Database,
    actor: Actor,
    passwords: tuple[str, str],
    *,
    session_id: str,
    origin: Origin,
) -> None:
    """Replace the current password (the first) by a new one, and end all other sessions.

    InvalidInput if the current one is not right or the new one breaks the rules; TooManyAttempts.
    """
    current, new = passwords
    if problems := password_problems(new):
        raise InvalidInput(problems)
    try:
        await authenticator.check(actor.person_id, current, origin)
    except SignInFailed as error:
        raise InvalidInput({"current": N_("This is not your current password.")}) from error
    hashed = await asyncio.to_thread(hash_password, new)
    async with database.transaction(actor.tenant) as session:
        person = await session.get_one(Person, actor.person_id, with_for_update={"key_share": True})
        person.password_hash = hashed
        others = (Session.person_id == person.id, Session.id != session_id)
        await session.execute(delete(Session).where(*others))
        await record_fact(session, actor.tenant, "password.set", person.id, person.id)


async def sessions_of(database: Database, actor: Actor) -> Sequence[Session]:
    """The sessions of this person that have not expired, the newest first."""
    async with database.transaction(actor.tenant) as session:
        mine = (Session.person_id == actor.person_id, Session.expires_at > func.clock_timestamp())
        return list(await session.scalars(select(Session).where(*mine).order_by(Session.created_at.desc())))


async def end_other_sessions(database: Database, actor: Actor, session_id: str) -> int:
    """End all sessions of this person but one; how many."""
    async with database.transaction(actor.tenant) as session:
        others = (Session.person_id == actor.person_id, Session.id != session_id)
        ended = await session.execute(delete(Session).where(*others))
        await record_fact(session, actor.tenant, "session.end_others", actor.person_id, actor.person_id)
        return int(ended.rowcount)
