"""Effects in our own table, for where no system outside is configured: each once a key, done or undone."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Effect
from backend.services.keyed import Keyed, Refused


async def first_time(session: AsyncSession, kind: str, request: Keyed, result: BaseModel | None = None) -> bool:
    """Note the effect; False if its key is known. Whoever comes second waits for the first one's commit."""
    added = await session.execute(insert(Effect).values(_row(kind, request, result)).on_conflict_do_nothing())
    return bool(added.rowcount == 1)


async def result_of(session: AsyncSession, request: Keyed) -> dict[str, Any]:
    """What the effect with this key came to; Refused if it was undone, perhaps before it was done."""
    found = await session.execute(select(Effect.result, Effect.undone_at).where(Effect.key == request.key))
    result, undone_at = found.one()
    if undone_at is not None:
        raise Refused(f"{request.key} was undone.")
    return dict(result)


async def settle(session: AsyncSession, request: Keyed, result: BaseModel) -> None:
    """Keep what the effect came to, for whoever asks again."""
    mine = Effect.key == request.key
    await session.execute(update(Effect).where(mine).values(result=result.model_dump(mode="json")))


async def undo(session: AsyncSession, kind: str, request: Keyed) -> dict[str, Any] | None:
    """Mark the effect as undone; what it came to, or None if there is nothing to undo.

    A key that is not known yet is kept as undone: an attempt that comes too late has no effect any more.
    """
    undone = await _mark(session, request)
    if undone is None:
        row = _row(kind, request) | {"undone_at": func.clock_timestamp()}
        added = await session.execute(insert(Effect).values(row).on_conflict_do_nothing())
        if added.rowcount == 0:
            undone = await _mark(session, request)
    return undone


async def _mark(session: AsyncSession, request: Keyed) -> dict[str, Any] | None:
    stands = (Effect.key == request.key, Effect.undone_at.is_(None))
    marked = update(Effect).where(*stands).values(undone_at=func.clock_timestamp()).returning(Effect.result)
    result: dict[str, Any] | None = await session.scalar(marked)
    return result


def _row(kind: str, request: Keyed, result: BaseModel | None = None) -> dict[str, Any]:
    return {
        "tenant_id": request.tenant,
        "key": request.key,
        "kind": kind,
        "request": request.model_dump(mode="json"),
        "result": result.model_dump(mode="json") if result else {},
    }
