"""What nobody needs any more is removed: in batches, each a transaction over rows that no other run holds.

Audit, cases, decisions and what belongs to them are no leftovers and are never touched.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore
from pydantic import BaseModel, Field
from sqlalchemy import Interval, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core import counters
from backend.database.engine import Database


class Leftover(StrEnum):
    """What is removed once it is old enough."""

    SESSIONS = "sessions"
    DRAFTS = "drafts"
    FILES = "files"
    BYTES = "bytes"
    MESSAGES = "messages"


class Sweep(BaseModel):
    """Some batches of one kind; `key` is `{reference}:{kind}` and counts over all calls."""

    tenant: str
    key: str
    kind: Leftover
    older_than: timedelta
    batch: int = Field(ge=1)
    batches: int = Field(ge=1)
    only_count: bool = False


class Swept(BaseModel):
    """How many were removed under this key so far, and whether there may be more."""

    removed: int
    more: bool = False


# Files of a draft stay as long as the draft does.
_OLD = {
    Leftover.SESSIONS: "sessions WHERE expires_at < clock_timestamp() - :age",
    Leftover.DRAFTS: "drafts WHERE saved_at < clock_timestamp() - :age",
    Leftover.FILES: """files WHERE case_id IS NULL AND at < clock_timestamp() - :age AND NOT EXISTS (
        SELECT 1 FROM drafts d, jsonb_array_elements(d.fields) AS field
        WHERE d.person_id = files.uploaded_by AND field ->> 1 = files.id::text)""",
    Leftover.MESSAGES: "outbox WHERE state = 'sent' AND sent_at < clock_timestamp() - :age",
}
_KNOWN = text("SELECT id FROM files WHERE id = ANY(cast(:ids AS uuid[]))")


def _statement(kind: Leftover, form: str) -> TextClause:
    old = _OLD[kind]
    return text(form.format(old=old, table=old.split()[0])).bindparams(bindparam("age", type_=Interval))


_COUNT = {kind: _statement(kind, "SELECT count(*) FROM {old}") for kind in _OLD}
_REMOVE = {
    kind: _statement(
        kind,
        "DELETE FROM {table} WHERE id IN (SELECT id FROM {old} ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED)"
        " RETURNING id",
    )
    for kind in _OLD
}


async def sweep(database: Database, store: ObjectStore, given: Sweep, done: int, beat: Callable[[int], None]) -> Swept:
    """Do the batches from number `done` on, and say after each how many are done."""
    if given.kind is Leftover.BYTES:
        return await _sweep_bytes(database, store, given, beat)
    if given.only_count:
        async with database.transaction(given.tenant) as session:
            count = await session.scalar(_COUNT[given.kind], {"age": given.older_than})
        return Swept(removed=int(count or 0))
    for number in range(done, given.batches):
        ids, removed = await _remove(database, given)
        if given.kind is Leftover.FILES:
            # The row goes first: bytes that stay behind when this process dies are found as bytes without a row.
            await _forget(store, [f"{given.tenant}/{each}" for each in ids])
        beat(number + 1)
        if len(ids) < given.batch:
            return Swept(removed=removed)
    async with database.transaction(given.tenant) as session:
        return Swept(removed=await counters.increment(session, given.tenant, given.key, 0), more=True)


async def _remove(database: Database, given: Sweep) -> tuple[Sequence[object], int]:
    async with database.transaction(given.tenant) as session:
        rows = await session.scalars(_REMOVE[given.kind], {"age": given.older_than, "batch": given.batch})
        ids = list(rows)
        return ids, await counters.increment(session, given.tenant, given.key, len(ids))


async def _sweep_bytes(database: Database, store: ObjectStore, given: Sweep, beat: Callable[[int], None]) -> Swept:
    """Bytes without a row: their transaction was rolled back, or their row was removed a moment before a crash."""
    before, seen, found, removed = datetime.now(UTC) - given.older_than, 0, 0, 0
    async for chunk in store.list(f"{given.tenant}/", chunk_size=given.batch):
        async with database.transaction(given.tenant) as session:
            lost = await _without_row(session, [each for each in chunk if each["last_modified"] < before])
            found += len(lost)
            if not given.only_count:
                await _forget(store, lost)
                removed = await counters.increment(session, given.tenant, given.key, len(lost))
        seen += 1
        beat(seen)
    return Swept(removed=found if given.only_count else removed)


async def _without_row(session: AsyncSession, objects: Sequence[Mapping[str, Any]]) -> list[str]:
    named = {each["path"]: each["path"].rsplit("/", 1)[-1] for each in objects}
    ids = {path: name for path, name in named.items() if _is_id(name)}
    known = {str(each) for each in await session.scalars(_KNOWN, {"ids": list(ids.values())})}
    return [path for path, name in ids.items() if name not in known]


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


async def _forget(store: ObjectStore, paths: Sequence[str]) -> None:
    for path in paths:
        try:
            await store.delete_async(path)
        except FileNotFoundError:
            continue
