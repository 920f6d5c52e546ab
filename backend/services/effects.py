"""Effects in our own table, where no external system is configured: each once per key, done or undone."""

from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.engine import Database
from backend.database.tables import Effect
from backend.kit.i18n import N_
from backend.services.keyed import Keyed, Refused

Result = TypeVar("Result", bound=BaseModel)
# The tenant is set in the same statement, so row-level security applies before the row is read.
_NOTE = text("""
    WITH wall AS MATERIALIZED (SELECT set_config('countersign.tenant', :tenant_id, true) AS tenant)
    INSERT INTO effects (tenant_id, key, kind, request, result)
    SELECT wall.tenant, :key, :kind, :request, :result FROM wall
    ON CONFLICT DO NOTHING RETURNING key
""").bindparams(bindparam("request", type_=JSONB), bindparam("result", type_=JSONB))


async def once(database: Database, kind: str, request: Keyed, result: Result) -> Result:
    """Note an effect that is nothing but its note, in one round trip; a known key gets its first result."""
    given = row_of(kind, request, result)
    if await database.look_up(_NOTE, given) is not None:
        return result
    async with database.transaction(request.tenant) as session:
        return type(result).model_validate(await result_of(session, request))


async def first_time(session: AsyncSession, kind: str, request: Keyed, result: BaseModel | None = None) -> bool:
    """Note the effect; False if its key is known. The second caller waits for the commit of the first."""
    added = await session.execute(insert(Effect).values(row_of(kind, request, result)).on_conflict_do_nothing())
    return bool(added.rowcount == 1)


async def result_of(session: AsyncSession, request: Keyed) -> dict[str, Any]:
    """The result of the effect with this key; Refused if it was undone, perhaps before it was done."""
    found = await session.execute(select(Effect.result, Effect.undone_at).where(Effect.key == request.key))
    result, undone_at = found.one()
    if undone_at is not None:
        raise Refused(N_("This step was already undone: {text}.").format(text=request.key))
    return dict(result)


async def settle(session: AsyncSession, request: Keyed, result: BaseModel) -> None:
    """Keep the result of the effect, for the next call with this key."""
    mine = Effect.key == request.key
    await session.execute(update(Effect).where(mine).values(result=result.model_dump(mode="json")))


async def undo(session: AsyncSession, kind: str, request: Keyed) -> dict[str, Any] | None:
    """Mark the effect as undone; its result, or None if there is nothing to undo.

    A key that is not known yet is kept as undone: an attempt that comes too late has no effect any more.
    """
    undone = await _mark(session, request)
    if undone is None:
        row = row_of(kind, request) | {"undone_at": func.clock_timestamp()}
        added = await session.execute(insert(Effect).values(row).on_conflict_do_nothing())
        if added.rowcount == 0:
            undone = await _mark(session, request)
    return undone


async def _mark(session: AsyncSession, request: Keyed) -> dict[str, Any] | None:
    done = (Effect.key == request.key, Effect.undone_at.is_(None))
    marked = update(Effect).where(*done).values(undone_at=func.clock_timestamp()).returning(Effect.result)
    result: dict[str, Any] | None = await session.scalar(marked)
    return result


def row_of(kind: str, request: Keyed, result: BaseModel | None = None) -> dict[str, Any]:
    """The row of the effect."""
    return {
        "tenant_id": request.tenant,
        "key": request.key,
        "kind": kind,
        "request": request.model_dump(mode="json", exclude={"approved"}),
        "result": result.model_dump(mode="json") if result else {},
    }
