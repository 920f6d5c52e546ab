"""Signing in and sessions. Of cookies and tokens only hashes are kept."""

import asyncio
import math
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Interval, bindparam, delete, func, text, update

from backend.cases.audit.record import record_fact
from backend.cases.core.actor import Actor, actor_from
from backend.cases.core.errors import CaseError
from backend.cases.people.sign_in_limits import Origin, SignInLimits
from backend.cases.people.tokens import digest
from backend.database.batching import Batcher
from backend.database.engine import Database
from backend.database.tables import Person, Session, Token
from backend.kit.text import login_name, one_spelling

NOBODY = "anonymous"  # the actor of an attempt that failed
SEEN_EVERY = timedelta(minutes=1)
_BEARERS = text("""
    SELECT * FROM unnest(cast(:digests AS text[])) AS given(digest), LATERAL bearer_of(given.digest)
""")
_SESSION = text("SELECT * FROM session_of(:digest, :idle)").bindparams(bindparam("idle", type_=Interval))


class SignInFailed(CaseError):
    """Incorrect username or password."""

    status = 422
    code = "sign_in_failed"


@dataclass(frozen=True)
class SignedIn:
    """A session as a request sees it."""

    actor: Actor
    session_id: str
    csrf: str
    toast: dict[str, Any] | None


class Authenticator:
    """Checks passwords within the limits on attempts; `new_csrf` makes the CSRF token of a person's session."""

    def __init__(
        self,
        database: Database,
        idle: timedelta,
        absolute: timedelta,
        new_csrf: Callable[[str], str] = lambda _: secrets.token_urlsafe(24),
    ) -> None:
        self._database = database
        self._idle = idle
        self._absolute = absolute
        self._hash = PasswordHash((Argon2Hasher(),))
        # A password is checked even for unknown names, so that the time reveals nothing.
        self._decoy = self._hash.hash(secrets.token_hex(8))
        self._limits = SignInLimits(database)
        self._new_csrf = new_csrf
        self._reading = Batcher(self._bearers)
        self._noted: dict[str, float] = {}

    async def sign_in(self, name: str, password: str, origin: Origin) -> str:
        """The cookie of a new session. SignInFailed or TooManyAttempts otherwise."""
        return await self._new_session(await self.check(name, password, origin), origin)

    async def check(self, name: str, password: str, origin: Origin) -> Person:
        """Whose password this is. SignInFailed or TooManyAttempts otherwise."""
        account = login_name(name)[:60]
        async with self._limits.attempt(account, origin) as number:
            async with self._database.across_tenants() as session:
                person = await session.get(Person, account)
            known = person is not None and person.active and person.password_hash
            kept = person.password_hash if person and known else self._decoy
            # Outside of a transaction, so that signing in holds no connection meanwhile.
            right = await asyncio.to_thread(self._verify, password, kept)
            if person is None:
                raise SignInFailed
            if not known or not right:
                await self._record_failure(person, origin, number)
                raise SignInFailed
        return person

    async def _record_failure(self, person: Person, origin: Origin, number: int) -> None:
        reason = "password" if person.active else "inactive"
        facts = {"reason": reason, "failures": number, "address": origin.address}
        async with self._database.transaction(person.tenant_id) as session:
            await record_fact(session, person.tenant_id, "session.refuse", NOBODY, person.id, **facts)

    def _verify(self, password: str, kept: str) -> bool:
        """Whether it is the password in either spelling of Unicode; older ones were hashed as they were typed."""
        spellings = dict.fromkeys((one_spelling(password), password))
        return any(self._hash.verify(each, kept) for each in spellings)

    async def _new_session(self, person: Person, origin: Origin) -> str:
        secret = secrets.token_urlsafe(32)
        row = Session(
            id=digest(secret),
            tenant_id=person.tenant_id,
            person_id=person.id,
            csrf=self._new_csrf(person.id),
            expires_at=func.clock_timestamp() + self._absolute,
        )
        facts = {"address": origin.address, "known_device": bool(origin.device)}
        async with self._database.across_tenants() as session:
            session.add(row)
            now = {"last_sign_in_at": func.clock_timestamp()}
            await session.execute(update(Person).where(Person.id == person.id).values(now))
            await session.execute(delete(Session).where(Session.expires_at < func.clock_timestamp()))
            await record_fact(session, person.tenant_id, "session.start", person.id, person.id, **facts)
        return secret

    async def find(self, secret: str, *, polling: bool, part: bool = False) -> SignedIn | None:
        """The session of a cookie, if it has not expired. Polling is no activity; a part of a page takes no toast."""
        key = digest(secret)
        row = await self._database.look_up(_SESSION, {"digest": key, "idle": self._idle})
        if row is None:
            return None
        found = SignedIn(actor_from(row), key, row["csrf"], row["toast"])
        takes_toast = found.toast is not None and not part
        if not polling and (takes_toast or row["seen_at"] < datetime.now(UTC) - SEEN_EVERY):
            await self._seen(key, takes_toast=takes_toast)
        return found

    async def _seen(self, key: str, *, takes_toast: bool) -> None:
        """Note activity, once a minute at most, and take the toast: it is shown once."""
        values = {"seen_at": func.clock_timestamp()} | ({"toast": None} if takes_toast else {})
        async with self._database.across_tenants() as session:
            await session.execute(update(Session).where(Session.id == key).values(values))

    async def sign_out(self, session_id: str) -> None:
        """End a session at once."""
        async with self._database.across_tenants() as session:
            await session.execute(delete(Session).where(Session.id == session_id))

    async def bearer(self, secret: str) -> Actor | None:
        """The person whose token this is, with their current rights."""
        return await self._reading.ask("", digest(secret))

    async def _bearers(self, _: str, digests: Sequence[str]) -> list[Actor | None]:
        rows = await self._database.look_up_all(_BEARERS, {"digests": sorted(set(digests))})
        found = {row["digest"]: replace(actor_from(row), scope=row["scope"]) for row in rows}
        await self._note_use(found)
        return [found.get(each) for each in digests]

    async def _note_use(self, digests: Iterable[str]) -> None:
        """Note the use of tokens, of each once a minute at most."""
        now = time.monotonic()
        due = [each for each in digests if now - self._noted.get(each, -math.inf) > SEEN_EVERY.total_seconds()]
        if due:
            self._noted |= dict.fromkeys(due, now)
            async with self._database.across_tenants() as session:
                used = update(Token).where(Token.id.in_(due)).values(used_at=func.clock_timestamp())
                await session.execute(used)

    async def leave_toast(self, session_id: str, toast: dict[str, Any]) -> None:
        """Keep a message for the next page."""
        async with self._database.across_tenants() as session:
            await session.execute(update(Session).where(Session.id == session_id).values(toast=toast))
