"""Figures for monitoring: by process, of one tenant or of all, without personal data."""

from dataclasses import dataclass

from sqlalchemy import text

from backend.database.engine import Database

_CASES = text("SELECT process, status, count(*) FROM cases WHERE closed_at IS NULL GROUP BY process, status")
_ATTENTION = text("SELECT process, count(*) AS cases FROM cases WHERE attention IS NOT NULL GROUP BY process")
_APPROVALS = text("""
    SELECT c.process, count(*), count(*) FILTER (WHERE a.due_at < clock_timestamp())
    FROM approvals a JOIN cases c ON c.id = a.case_id WHERE a.state = 'open' GROUP BY c.process
""")


@dataclass(frozen=True)
class CaseCounts:
    """Counts by process; running cases by process and status."""

    cases: dict[tuple[str, str], int]
    attention: dict[str, int]
    approvals: dict[str, int]
    overdue: dict[str, int]


async def case_counts(database: Database, tenant: str) -> CaseCounts:
    """As of now, of one tenant or of all."""
    async with database.transaction(tenant) as session:
        cases = {(process, status): count for process, status, count in await session.execute(_CASES)}
        attention: dict[str, int] = {row.process: row.cases for row in await session.execute(_ATTENTION)}
        approvals = (await session.execute(_APPROVALS)).all()
    return CaseCounts(
        cases=cases,
        attention=attention,
        approvals={process: count for process, count, _ in approvals},
        overdue={process: overdue for process, _, overdue in approvals},
    )
