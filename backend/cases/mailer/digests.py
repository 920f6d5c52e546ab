"""The daily digest: the emails that a person would have received since the last one, as one email."""

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Delivery
from backend.kit.i18n import NN_
from backend.kit.notification import NotificationEvent

_DUE = text("""
    SELECT DISTINCT tenant_id, person_id FROM deliveries
    WHERE state = 'collected' AND digest_id IS NULL AND due_at <= clock_timestamp() LIMIT 100
""")


async def bind_digests(database: Database) -> int:
    """Queue one email for each person whose digest is due; returns how many."""
    async with database.across_tenants() as session:
        due = list(await session.execute(_DUE))
    made = 0
    for tenant, person in due:
        async with database.transaction(tenant) as session:
            made += await _bind(session, tenant, person)
    return made


async def _bind(session: AsyncSession, tenant: str, person: str) -> bool:
    mine = (Delivery.person_id == person, Delivery.state == "collected", Delivery.digest_id.is_(None))
    statement = select(Delivery.id).where(*mine).order_by(Delivery.id).with_for_update(skip_locked=True)
    ids = list(await session.scalars(statement))
    if not ids:
        return False
    subject = NN_("{count} notification from Countersign", "{count} notifications from Countersign", len(ids))
    digest = Delivery(
        id=new_id(),
        tenant_id=tenant,
        person_id=person,
        event=NotificationEvent.DIGEST,
        headline=subject.format(count=len(ids)),
        due_at=func.clock_timestamp(),
    )
    session.add(digest)
    await session.flush()
    await session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(digest_id=digest.id))
    return True
