"""Personal links that open one approval without signing in, where the tenant allows it.

A link is a signature over the id of the email that carried it; the email log knows the recipient and the approval, so
the link is bound to both and reveals neither. Opening it changes nothing. The decision spends it, in the transaction
that records the decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from itsdangerous import BadData
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import record_fact
from backend.cases.core.actor import Actor, read_actor
from backend.cases.core.errors import CaseError
from backend.cases.core.signatures import read_signed, signer
from backend.database.engine import Database
from backend.database.tables import Delivery, Tenant

AGE = timedelta(days=14)
PURPOSE = "decision-link"

# The rights of this moment: the tenant may have turned links off since the page was opened.
_SPEND = text("""
    UPDATE deliveries d SET link_spent_at = clock_timestamp()
    FROM tenants t
    WHERE d.id = :delivery AND d.person_id = :person AND d.approval_id = :approval AND d.link_spent_at IS NULL
      AND t.id = d.tenant_id AND t.decision_links
""")


class LinkNotValid(CaseError):
    """This link is not valid or has expired. Sign in to see your approvals."""

    status = 404
    code = "link_not_valid"


class LinkSpent(CaseError):
    """This link has already been used. Sign in to decide. Nothing was changed."""

    code = "link_spent"


class DecisionLinks:
    """Signs and reads links; the first key signs, all keys read."""

    def __init__(self, keys: Sequence[str], age: timedelta = AGE) -> None:
        self._serializer = signer(keys, PURPOSE)
        self._age = age

    def token(self, delivery_id: UUID) -> str:
        """The secret part of the link in this email."""
        return self._serializer.dumps(delivery_id.hex)

    def read(self, token: str) -> UUID:
        """The id of its email. LinkNotValid if it is not ours, too old, or for another purpose."""
        try:
            return UUID(read_signed(self._serializer, token, self._age))
        except (BadData, ValueError, TypeError, AttributeError) as error:
            raise LinkNotValid from error


@dataclass(frozen=True)
class Guest:
    """A person who came by a link, what it opens, and whether it was used."""

    person: Actor
    approval_id: UUID
    delivery_id: UUID
    spent: bool


async def guest_of(database: Database, links: DecisionLinks, token: str) -> Guest:
    """Whose link this is. LinkNotValid if the tenant does not allow links, or the person has left."""
    delivery_id = links.read(token)
    async with database.across_tenants() as session:
        delivery = await session.get(Delivery, delivery_id)
        if delivery is None or delivery.approval_id is None:
            raise LinkNotValid
        tenant = await session.get_one(Tenant, delivery.tenant_id)
        person = await read_actor(session, delivery.person_id)
        if not tenant.decision_links or person is None:
            raise LinkNotValid
        return Guest(person, delivery.approval_id, delivery.id, delivery.link_spent_at is not None)


async def spend(session: AsyncSession, delivery_id: UUID, person_id: str, approval_id: UUID) -> None:
    """Use the link, with the decision. LinkSpent if it was used, is somebody else's, or is no longer allowed."""
    given = {"delivery": delivery_id, "person": person_id, "approval": approval_id}
    used = await session.execute(_SPEND, given)
    if used.rowcount != 1:
        raise LinkSpent


async def links_allowed(session: AsyncSession, actor: Actor) -> bool:
    """Whether people of this tenant can decide by link."""
    return (await session.get_one(Tenant, actor.tenant)).decision_links


async def allow_links(database: Database, *, allowed: bool, by: Actor) -> None:
    """Let people decide by link, or not; this also applies to links already sent."""
    async with database.transaction(by.tenant) as session:
        await session.execute(update(Tenant).where(Tenant.id == by.tenant).values(decision_links=allowed))
        await record_fact(session, by.tenant, "tenant.decision_links", by.person_id, by.tenant, allowed=allowed)
