"""Tell people: one line in their list and one mail, written in the transaction that makes it true.

The relay process sends the mails. Who and what is personal, so it stays in our tables: neither Temporal nor the log
hears of it.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, String, any_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.actor import ADMINS, names_of
from backend.cases.telling.quiet_times import digest_at, may_leave_at
from backend.database.ids import new_id
from backend.database.tables import Approval, Case, MailPreference, Membership, Notification, Person, Tenant
from backend.kit.event import ASKING, Event, headline

CHANNEL = "countersign_mail"
# One statement: the line in each one's list, the mail, and waking the postman.
_TELL = text("""
    WITH listener AS (
        SELECT * FROM jsonb_to_recordset(:listeners)
        AS l(id uuid, mail uuid, tenant text, person text, state text, due timestamptz)
    ), told AS (
        INSERT INTO notifications (id, tenant_id, person_id, case_id, approval_id, key, event, headline, note, "by")
        SELECT id, tenant, person, :case, :approval, :key, :event, :headline, :note, :by FROM listener
        ON CONFLICT DO NOTHING RETURNING person_id
    ), queued AS (
        INSERT INTO deliveries (id, tenant_id, person_id, case_id, approval_id, event, headline, note, state,
                                attempts, resends, reason, provider_id, due_at)
        SELECT mail, tenant, person, :case, :approval, :event, :headline, :note, state, 0, 0, '', '', due
        FROM listener JOIN told ON person_id = person WHERE mail IS NOT NULL
        RETURNING id
    )
    SELECT person_id, (SELECT pg_notify(:channel, '') FROM queued LIMIT 1) FROM told
""").bindparams(bindparam("listeners", type_=JSONB))

__all__ = ["CHANNEL", "Event", "admins_of", "tell_admins", "tell_people", "told_of"]


@dataclass(frozen=True)
class Listener:
    """Somebody to tell, and when they want their mail; without an address they get none."""

    person_id: str
    tenant: str
    email: str
    wishes: MailPreference | None
    zone: ZoneInfo
    now: datetime


async def tell_people(  # noqa: PLR0913 - every word of it is needed to tell somebody something
    session: AsyncSession,
    case: Case | None,
    event: Event,
    to: Collection[str],
    *,
    approval: Approval | None = None,
    key: str,
    note: str = "",
    by: str | None = None,
) -> list[str]:
    """Tell these people, each once a key; who did it is not told. Returns who was told now.

    `note` is a remark in somebody's own words, or for a digest all it says. `by` is the person who caused it.
    """
    listeners = await _listeners(session, set(to) - {by or ""})
    if not listeners:
        return []
    names = await names_of(session, {by or ""})
    words = headline(
        event,
        title=case.title if case else "",
        verdict=approval.state if approval else "",
        by=names.get(by or "", ""),
    )
    about = {
        "case": case.id if case else None,
        "approval": approval.id if approval else None,
        "key": key,
        "event": event,
        "headline": words,
        "note": note,
        "by": by,
    }
    return await _write(session, listeners, about)


_LISTENERS = (
    select(Person.id, Person.tenant_id, Person.email, MailPreference, Tenant.time_zone, func.clock_timestamp())
    .join(Tenant, Tenant.id == Person.tenant_id)
    .outerjoin(MailPreference, MailPreference.person_id == Person.id)
    .where(Person.id == any_(bindparam("ids", type_=ARRAY(String))), Person.active)
    .order_by(Person.id)
)


async def _listeners(session: AsyncSession, ids: set[str]) -> list[Listener]:
    if not ids:
        return []
    rows = await session.execute(_LISTENERS, {"ids": sorted(ids)})
    return [Listener(key, of, email, wishes, ZoneInfo(zone), now) for key, of, email, wishes, zone, now in rows]


async def _write(session: AsyncSession, listeners: list[Listener], about: dict[str, object]) -> list[str]:
    """One line in the list of each who was not told yet, and one mail for who has an address; who they are."""
    rows = [
        {
            "id": str(new_id()),
            "mail": str(new_id()) if each.email else None,
            "tenant": each.tenant,
            "person": each.person_id,
            **_when(each, Event(str(about["event"]))),
        }
        for each in listeners
    ]
    told = await session.scalars(_TELL, {**about, "listeners": rows, "channel": CHANNEL})
    return sorted(told)


def _when(listener: Listener, event: Event) -> dict[str, str]:
    """A digest of its own goes out by itself; everything else waits for the daily one if the person wants that."""
    wishes = listener.wishes
    if wishes is not None and wishes.daily and event is not Event.DIGEST:
        return {"state": "collected", "due": digest_at(wishes, listener.now, listener.zone).isoformat()}
    return {"state": "queued", "due": may_leave_at(wishes, listener.now, listener.zone).isoformat()}


async def told_of(session: AsyncSession, approval: Approval) -> list[str]:
    """Who was told of this approval, and so has to hear when it is gone."""
    asked = (Notification.approval_id == approval.id, Notification.event.in_(ASKING))
    return list(await session.scalars(select(Notification.person_id).where(*asked).distinct()))


async def admins_of(session: AsyncSession, tenant: str) -> list[str]:
    """Who administers this tenant."""
    group = (Membership.tenant_id == tenant, Membership.group_id == ADMINS)
    return list(await session.scalars(select(Membership.person_id).where(*group)))


async def tell_admins(session: AsyncSession, case: Case, words: str) -> None:
    """Tell the administrators what needs their attention; the same words about the same case only once."""
    key = f"attention:{case.id}:{hashlib.sha256(words.encode()).hexdigest()[:16]}"
    to = await admins_of(session, case.tenant_id)
    await tell_people(session, case, Event.ATTENTION, to, key=key, note=words)
