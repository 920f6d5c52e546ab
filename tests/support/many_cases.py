"""Many cases at once, as copies of one."""

from sqlalchemy import text

from backend.database.engine import Database
from backend.database.tables import Case

_COPIES = text("""
    INSERT INTO cases (id, tenant_id, process, reference, title, status, input, plan, version, amount, currency,
                       priority, opened_by, source, key, digest, workflow_id, progress, opened_at)
    SELECT gen_random_uuid(), tenant_id, process, reference || '-' || n, title || ' ' || n, status, input, plan,
           version, amount, currency, priority, opened_by, source, key || n, digest, workflow_id || n, progress,
           opened_at - n * interval '1 minute'
    FROM cases, generate_series(1, :count) n WHERE id = :case_id
""")


async def copies(database: Database, case: Case, count: int) -> None:
    """Copies of this case, each opened a minute before the one before it; their titles are numbered from 1."""
    async with database.across_tenants() as session:
        await session.execute(_COPIES, {"case_id": case.id, "count": count})
