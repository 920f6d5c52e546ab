"""The journal of a case, in business words."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.records import CaseRecords, JournalLine, write_records
from backend.database.tables import Case, JournalEntry

__all__ = ["JournalLine", "add_to_journal", "journal_of"]


async def add_to_journal(session: AsyncSession, case: Case, *lines: JournalLine) -> None:
    """Add lines to the journal, each once."""
    await write_records(session, CaseRecords.of(case, lines))


async def journal_of(session: AsyncSession, case_id: UUID) -> list[JournalEntry]:
    """What happened, newest first; at most 500 lines."""
    statement = (
        select(JournalEntry)
        .where(JournalEntry.case_id == case_id)
        .order_by(JournalEntry.at.desc(), JournalEntry.id.desc())
        .limit(500)
    )
    return list(await session.scalars(statement))
