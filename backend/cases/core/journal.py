"""The story of a case, in business words."""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Case, JournalEntry


class JournalLine(BaseModel):
    """One sentence to tell; the key makes telling it twice harmless."""

    key: str
    kind: str
    sentence: str
    actor: str | None = None
    quote: str = ""


_TELL = text("""
    INSERT INTO journal (tenant_id, case_id, key, kind, actor, sentence, quote)
    VALUES (:tenant_id, :case_id, :key, :kind, :actor, :sentence, :quote) ON CONFLICT DO NOTHING
""")


async def add_to_journal(session: AsyncSession, case: Case, *lines: JournalLine) -> None:
    """Add lines to the story, each once."""
    if lines:
        rows = [{"tenant_id": case.tenant_id, "case_id": case.id, **line.model_dump()} for line in lines]
        await session.execute(_TELL, rows)


async def journal_of(session: AsyncSession, case_id: UUID) -> list[JournalEntry]:
    """What happened, newest first."""
    statement = (
        select(JournalEntry)
        .where(JournalEntry.case_id == case_id)
        .order_by(JournalEntry.at.desc(), JournalEntry.id.desc())
        .limit(500)
    )
    return list(await session.scalars(statement))
