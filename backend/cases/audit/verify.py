"""Verify the audit log in the database: every tenant's chain, from its first row."""

from sqlalchemy import select

from backend.cases.audit.chain import AuditReport, Chain, Link
from backend.database.engine import Database
from backend.database.tables import AuditRow, Tenant


async def verify(database: Database) -> list[AuditReport]:
    """Walk every tenant's chain from its first row."""
    async with database.across_tenants() as session:
        tenants = list(await session.scalars(select(Tenant.id).order_by(Tenant.id)))
    return [await verify_tenant(database, tenant) for tenant in tenants]


async def verify_tenant(database: Database, tenant: str, noted: str = "") -> AuditReport:
    """Walk one tenant's chain from its first row."""
    chain = Chain(tenant, noted)
    async with database.transaction(tenant) as session:
        statement = select(AuditRow).where(AuditRow.tenant_id == tenant).order_by(AuditRow.seq)
        rows = await session.stream_scalars(statement.execution_options(yield_per=1000))
        async for row in rows:
            if not chain.take(Link(row.seq, row.previous, row.hash, row.body)):
                break
    return chain.report()
