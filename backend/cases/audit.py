"""The audit trail: rows that can only be added, each chained to the one before by its hash.

A row's hash is the SHA-256, in hex, of the previous row's hash, the row's number and its body, joined by newlines. The
body is JSON with sorted keys. The app writes a fact; the
database moves it into the chain when the transaction commits. The app can neither add, change nor delete a link.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.engine import Database
from backend.database.tables import AuditFact, AuditRow, Tenant


@dataclass(frozen=True)
class AuditReport:
    """What verification found in one tenant's trail: how many rows, and the first that does not hold."""

    tenant: str
    rows: int
    broken_at: int | None = None

    @property
    def ok(self) -> bool:
        """Whether every row holds."""
        return self.broken_at is None


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


def link(previous: str, seq: int, body: str) -> str:
    """The hash that chains a row to the one before."""
    return hashlib.sha256(f"{previous}\n{seq}\n{body}".encode()).hexdigest()


async def verify(database: Database) -> list[AuditReport]:
    """Walk every tenant's chain from its first row."""
    async with database.across_tenants() as session:
        tenants = list(await session.scalars(select(Tenant.id).order_by(Tenant.id)))
    return [await _verify_tenant(database, tenant) for tenant in tenants]


async def _verify_tenant(database: Database, tenant: str) -> AuditReport:
    previous, count = "", 0
    async with database.transaction(tenant) as session:
        statement = select(AuditRow).where(AuditRow.tenant_id == tenant).order_by(AuditRow.seq)
        rows = await session.stream_scalars(statement.execution_options(yield_per=1000))
        async for row in rows:
            count += 1
            holds = row.seq == count and row.previous == previous
            if not holds or row.hash != link(previous, row.seq, row.body):
                return AuditReport(tenant, count, broken_at=count)
            previous = row.hash
    return AuditReport(tenant, count)
