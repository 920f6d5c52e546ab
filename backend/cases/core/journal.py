"""The journal of a case, in business words."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.records import CaseRecords, JournalLine, write_records
from backend.database.engine import Database
from backend.database.tables import Case, JournalEntry

__all__ = ["JournalLine", "add_line_of", "add_to_journal", "journal_of"]


async def add_to_journal(session: AsyncSession, case: Case, *lines: JournalLine) -> None:
    """Add lines to the journal, each once."""
    await write_records(session, CaseRecords.of(case, lines))


async def add_line_of(database: Database, tenant: str, reference: str, line: JournalLine) -> None:
    """Add a line to the journal of this case, once, in a transaction of its own; nothing if there is no such case."""
    async with database.transaction(tenant) as session:
        case = await session.scalar(select(Case).where(Case.tenant_id == tenant, Case.reference == reference))
        if case is not None:
            await add_to_journal(session, case, line)


async def journal_of(session: AsyncSession, case_id: UUID) -> list[JournalEntry]:
    """What happened, newest first; at most 500 lines."""
    statement = (
        select(JournalEntry)
        .where(JournalEntry.case_id == case_id)
        .order_by(JournalEntry.at.desc(), JournalEntry.id.desc())
        .limit(500)
    )
    return list(await session.scalars(statement))
