"""Drafts: forms that are not sent yet, kept exactly as typed, for their owner alone.

The id of a draft is the key of its submission: a draft is sent at most once, and leads to its case afterwards.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import Actor
from backend.cases.lifecycle.submission import Source
from backend.database.engine import Database
from backend.database.tables import Case, Draft

Fields = list[tuple[str, str]]


async def keep_draft(
    database: Database, draft_id: UUID, process: str, title: str, fields: Fields, *, by: Actor
) -> datetime | None:
    """Keep or overwrite a draft; when it was saved. None for somebody else's draft, which is left as it is."""
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
        kept = statement.on_conflict_do_update(index_elements=["id"], set_=changed, where=mine)
        saved: datetime | None = await session.scalar(kept.returning(Draft.saved_at))
        return saved


async def drafts_of(session: AsyncSession, actor: Actor) -> list[Draft]:
    """Their drafts that are not sent, newest first."""
    mine = select(Draft).where(Draft.person_id == actor.person_id, ~_sent())
    return list(await session.scalars(mine.order_by(Draft.saved_at.desc()).limit(50)))


def _sent() -> ColumnElement[bool]:
    """Whether a draft became a case: it may have been saved again at that instant."""
    key = func.concat(Draft.process, literal(":"), Draft.person_id, literal(":"), cast(Draft.id, Text))
    opened = (Case.tenant_id == Draft.tenant_id, Case.source == Source.FORM, Case.key == key)
    sent: ColumnElement[bool] = select(Case.id).where(*opened).exists()
    return sent


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
