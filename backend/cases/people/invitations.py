"""Invite a person, and send them a one-time link to set their password."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import record_fact
from backend.cases.core.errors import CaseError, NotFound
from backend.cases.notifications.notify import CHANNEL
from backend.cases.people.new_person import NewPerson, checked_row, insert_person
from backend.database.engine import Database
from backend.database.tables import Delivery, Person
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent, headline

_WAKE = text("SELECT pg_notify(:channel, '')")


class PersonInactive(CaseError):
    """This account is inactive. Activate it first."""

    code = "person_inactive"


async def invite(database: Database, new: NewPerson, *, by: str) -> Person:
    """Add an account without a password, and email its one-time link. InvalidInput as `add_person` has it."""
    row = await checked_row(new, None)
    async with database.across_tenants() as session:
        await insert_person(session, row, new.groups, by)
        await _send_link(session, row, by)
    return row


async def send_password_link(database: Database, person_id: str, *, by: str, tenant: str = "") -> Person:
    """Email a one-time link: an invitation as long as there is no password.

    NotFound for a person of another tenant than `tenant`, if that is given; PersonInactive.
    """
    async with database.across_tenants() as session:
        person = await session.get(Person, person_id)
        if person is None or person.tenant_id != (tenant or person.tenant_id):
            raise NotFound(N_("Person not found."))
        if not person.active:
            raise PersonInactive
        await _send_link(session, person, by)
    return person


async def _send_link(session: AsyncSession, person: Person, by: str) -> None:
    event = NotificationEvent.RESET if person.password_hash else NotificationEvent.INVITED
    words = headline(event, title="")
    session.add(Delivery(tenant_id=person.tenant_id, person_id=person.id, event=event, headline=words))
    await session.execute(_WAKE, {"channel": CHANNEL})
    await record_fact(session, person.tenant_id, "person.password_link", by, person.id, event=event)
