"""Drafts: forms that are not sent yet, kept exactly as typed, for their owner alone."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import Actor
from backend.database.engine import Database
from backend.database.tables import Draft

Fields = list[tuple[str, str]]


async def keep_draft(
    database: Database, draft_id: UUID, process: str, title: str, fields: Fields, *, by: Actor
) -> None:
    """Keep or overwrite a draft. Somebody else's draft is left as it is."""
    row = {
        "id": draft_id,
        "tenant_id": by.tenant,
        "person_id": by.person_id,
        "process": process,
        "title": title,
        "fields": [list(pair) for pair in fields],
    }
    changed = {"title": title, "fields": row["fields"], "saved_at": func.clock_timestamp()}
    async with database.transaction(by.tenant) as session:
        statement = insert(Draft).values(row)
        mine = Draft.person_id == by.person_id
        await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed, where=mine))


async def drafts_of(session: AsyncSession, actor: Actor) -> list[Draft]:
    """Their drafts, newest first."""
    mine = select(Draft).where(Draft.person_id == actor.person_id)
    return list(await session.scalars(mine.order_by(Draft.saved_at.desc()).limit(50)))


async def draft_of(session: AsyncSession, actor: Actor, draft_id: UUID) -> Draft | None:
    """One of their drafts."""
    found: Draft | None = await session.scalar(
        select(Draft).where(Draft.id == draft_id, Draft.person_id == actor.person_id)
    )
    return found


async def discard_draft(database: Database, draft_id: UUID, *, by: Actor) -> None:
    """Throw a draft away; nothing happens if there is none."""
    async with database.transaction(by.tenant) as session:
        await session.execute(delete(Draft).where(Draft.id == draft_id, Draft.person_id == by.person_id))
