"""What earlier orders of the same customer say: where they were sent."""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import text

from backend.database.engine import Database


class FormerOrders(BaseModel):
    """Whose former orders, seen from which case."""

    tenant: str
    case_id: UUID
    process: str
    email: str


class FormerAddresses(BaseModel):
    """Where the last fulfilled order went, and where the last one that still runs is to go, as far as there are any.

    An order that was refused says nothing of where its customer lives.
    """

    addresses: list[str] = []


LAST = text("""
    SELECT DISTINCT ON (former.closed_at IS NULL) former.input #>> '{customer,address}' AS address
    FROM cases former JOIN cases this ON this.id = :case_id
    WHERE former.tenant_id = this.tenant_id AND former.process = :process
      AND former.customer_email = lower(:email)
      AND former.id <> this.id AND former.opened_at < this.opened_at
      AND (former.outcome = 'fulfilled' OR former.closed_at IS NULL)
    ORDER BY former.closed_at IS NULL, former.opened_at DESC
""")


async def last_addresses(database: Database, asked: FormerOrders) -> FormerAddresses:
    """Where the customer's last orders went. Reads only."""
    given = {"case_id": asked.case_id, "process": asked.process, "email": asked.email}
    async with database.transaction(asked.tenant) as session:
        return FormerAddresses(addresses=list(await session.scalars(LAST, given)))
