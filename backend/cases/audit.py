"""The audit trail: rows that can only be added, each chained to the one before by its hash.

The body is JSON with sorted keys; `audit_chain` has the rule. The app writes a fact; the database moves it into the
chain when the transaction commits. The app can neither add, change nor delete a link.
"""

import json
from datetime import UTC, datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit_chain import AuditReport, Chain, Link
from backend.database.engine import Database
from backend.database.tables import AuditFact, AuditRow, Tenant


def fact(action: str, actor: str, subject: str, **more: object) -> str:
    """The body of one row."""
    body = {
        "at": datetime.now(UTC).isoformat(),
        "action": action,
        "actor": actor,
        "subject": subject,
        **more,
    }
    return json.dumps(body, sort_keys=True, default=str)


async def record(session: AsyncSession, tenant: str, action: str, actor: str, subject: str, **facts: object) -> None:
    """Add one fact to the trail, in the transaction that makes it true; it is chained when that commits."""
    row = {"tenant_id": tenant, "body": fact(action, actor, subject, **facts)}
    await session.execute(insert(AuditFact).inline().values(row))  # the app may write facts, not read them


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
