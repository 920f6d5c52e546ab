"""Bearer tokens of people and programs."""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import func, select, update

from backend.cases.audit.record import record_fact
from backend.cases.core.errors import NotFound
from backend.database.engine import Database
from backend.database.tables import Person, Token

SCOPES = ("", "read")
COMMAND_LINE = "command line"  # the actor of what is done on the server itself


def digest(secret: str) -> str:
    """The SHA-256 of a cookie or token, in hex: only this is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def create_token(
    database: Database, person_id: str, name: str, scope: str = "", *, by: str = COMMAND_LINE
) -> str:
    """A new bearer token; it cannot be shown again. NotFound for an unknown person."""
    secret = f"cs_{secrets.token_urlsafe(32)}"
    async with database.across_tenants() as session:
        person = await session.get(Person, person_id)
        if person is None:
            raise NotFound(f"Person {person_id} not found.")
        session.add(Token(id=digest(secret), tenant_id=person.tenant_id, person_id=person.id, name=name, scope=scope))
        facts = {"name": name, "scope": scope or "full"}
        await record_fact(session, person.tenant_id, "token.create", by, person.id, **facts)
    return secret


async def list_tokens(database: Database, person_id: str) -> Sequence[Token]:
    """The tokens of a person that are not revoked, newest first. NotFound for an unknown person."""
    async with database.across_tenants() as session:
        if await session.get(Person, person_id) is None:
            raise NotFound(f"Person {person_id} not found.")
        mine = (Token.person_id == person_id, Token.revoked_at.is_(None))
        return list(await session.scalars(select(Token).where(*mine).order_by(Token.created_at.desc())))


async def revoke_token(database: Database, person_id: str, name: str, *, by: str = COMMAND_LINE) -> int:
    """Revoke all tokens of this name; how many. NotFound if there is none."""
    async with database.across_tenants() as session:
        mine = (Token.person_id == person_id, Token.name == name, Token.revoked_at.is_(None))
        revoked = update(Token).where(*mine).values(revoked_at=func.clock_timestamp()).returning(Token.tenant_id)
        tenants = list(await session.scalars(revoked))
        if not tenants:
            raise NotFound(f"{person_id} has no token {name}.")
        await record_fact(session, tenants[0], "token.revoke", by, person_id, name=name)
    return len(tenants)
