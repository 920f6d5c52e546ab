"""Verify the audit log in the database: every tenant's chain, from its first row, against the anchors outside."""

import asyncio
from dataclasses import replace

from sqlalchemy import select, text

from backend.cases.audit.anchors import Anchored, Anchors, Head
from backend.cases.audit.chain import AuditReport, Chain, Link
from backend.database.engine import Database
from backend.database.tables import AuditRow, Tenant

_HEADS = text("""
    SELECT t.id, h.seq, h.hash FROM tenants t
    CROSS JOIN LATERAL (SELECT seq, hash FROM audit WHERE tenant_id = t.id ORDER BY seq DESC LIMIT 1) h
""")
_OF_NOBODY = text("SELECT DISTINCT tenant_id FROM audit WHERE tenant_id NOT IN (SELECT id FROM tenants)")
NO_ANCHORS = Anchored()


async def heads(database: Database) -> dict[str, Head]:
    """The last row of every tenant's log."""
    async with database.across_tenants() as session:
        rows = await session.execute(_HEADS)
        return {tenant: Head(rows=seq, hash=digest) for tenant, seq, digest in rows}


async def verify(database: Database, anchors: Anchors | None = None) -> list[AuditReport]:
    """Walk every tenant's chain from its first row; tenants that only the anchors know are missing all their rows."""
    anchored = await _read(anchors)
    async with database.across_tenants() as session:
        tenants = set(await session.scalars(select(Tenant.id)))
        tenants |= set(await session.scalars(_OF_NOBODY))
    return [await _verify(database, tenant, anchored) for tenant in sorted(tenants | anchored.hashes.keys())]


async def verify_tenant(database: Database, tenant: str, anchors: Anchors | None = None) -> AuditReport:
    """Walk one tenant's chain from its first row."""
    return await _verify(database, tenant, await _read(anchors))


async def _read(anchors: Anchors | None) -> Anchored:
    """In a thread: there are files of years."""
    return await asyncio.to_thread(anchors.read) if anchors else NO_ANCHORS


async def _verify(database: Database, tenant: str, anchored: Anchored) -> AuditReport:
    chain = Chain(tenant, anchored=anchored.hashes.get(tenant))
    async with database.transaction(tenant) as session:
        statement = select(AuditRow).where(AuditRow.tenant_id == tenant).order_by(AuditRow.seq)
        rows = await session.stream_scalars(statement.execution_options(yield_per=1000))
        async for row in rows:
            if not chain.take(Link(row.seq, row.previous, row.hash, row.body)):
                break
    report = chain.report()
    if report.ok and anchored.reason:
        return replace(report, reason=anchored.reason, broken_at=report.anchored + 1)
    return report
