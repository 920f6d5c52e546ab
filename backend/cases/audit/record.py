"""The audit log: rows that can only be added, each chained to the one before it by its hash.

The body is JSON with sorted keys; `chain` has the rule. The app writes a fact; the database moves it into the
chain when the transaction commits. The app can neither add, change nor delete a link.
"""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.records import CaseRecords, write_records
from backend.kit.spreadsheets import json_without_formulas


def body_of(action: str, actor: str, subject: str, **more: object) -> str:
    """The body of one row."""
    body = {
        "at": datetime.now(UTC).isoformat(),
        "action": action,
        "actor": actor,
        "subject": subject,
        **more,
    }
    return json_without_formulas(body)


async def record_fact(
    session: AsyncSession, tenant: str, action: str, actor: str, subject: str, **facts: object
) -> None:
    """Add one fact to the log, in the transaction that makes it true; it is chained when that commits."""
    await write_records(session, CaseRecords(tenant=tenant, facts=[body_of(action, actor, subject, **facts)]))
