"""Where earlier orders of the same customer were sent."""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import text

from backend.database.engine import Database


class PreviousOrders(BaseModel):
    """The customer, and the case from which their earlier orders are read."""

    tenant: str
    case_id: UUID
    process: str
    email: str


class PreviousAddresses(BaseModel):
    """Where the last fulfilled order and the last running order go, as far as there are any.

    The address of a rejected order is not used.
    """

    addresses: list[str] = []


LAST = text("""
    SELECT DISTINCT ON (earlier.closed_at IS NULL) earlier.input #>> '{customer,address}' AS address
    FROM cases earlier JOIN cases this ON this.id = :case_id
    WHERE earlier.tenant_id = this.tenant_id AND earlier.process = :process
      AND earlier.customer_email = folded(:email)
      AND earlier.id <> this.id AND earlier.opened_at < this.opened_at
      AND (earlier.outcome = 'fulfilled' OR earlier.closed_at IS NULL)
    ORDER BY earlier.closed_at IS NULL, earlier.opened_at DESC
""")


async def last_addresses(database: Database, wanted: PreviousOrders) -> PreviousAddresses:
    """Where the customer's last orders went. Reads only."""
    given = {"case_id": wanted.case_id, "process": wanted.process, "email": wanted.email}
    async with database.transaction(wanted.tenant) as session:
        return PreviousAddresses(addresses=list(await session.scalars(LAST, given)))
