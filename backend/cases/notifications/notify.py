"""Tell people: one line in their list and one mail, written in the transaction that makes it true.

The relay process sends the mails. Who and what is personal, so it stays in our tables: neither Temporal nor the log
hears of it.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, String, any_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import ADMINS, names_of, remember_names
from backend.cases.notifications.quiet_hours import digest_at, may_leave_at
from backend.database.ids import new_id
from backend.database.tables import Approval, Case, EmailPreference, Membership, Notification, Person, Tenant
from backend.kit.notification import REQUEST_EVENTS, NotificationEvent, headline

CHANNEL = "countersign_mail"
# One statement: the line in each one's list, the mail, and waking the postman.
_TELL = text("""
    WITH listener AS (
        SELECT * FROM jsonb_to_recordset(:listeners)
        AS l(id uuid, mail uuid, tenant text, person text, state text, due timestamptz,
             "case" uuid, approval uuid, key text, event text, headline text, note text, "by" text)
    ), told AS (
        INSERT INTO notifications (id, tenant_id, person_id, case_id, approval_id, key, event, headline, note, "by")
        SELECT id, tenant, person, "case", approval, key, event, headline, note, "by" FROM listener
        ON CONFLICT DO NOTHING RETURNING id, person_id
    ), queued AS (
        INSERT INTO deliveries (id, tenant_id, person_id, case_id, approval_id, event, headline, note, state,
                                attempts, resends, reason, provider_id, due_at)
        SELECT mail, tenant, person, "case", approval, event, headline, note, state, 0, 0, '', '', due
        FROM listener JOIN told USING (id) WHERE mail IS NOT NULL
        RETURNING id
    )
    SELECT person_id, (SELECT pg_notify(:channel, '') FROM queued LIMIT 1) FROM told
""").bindparams(bindparam("listeners", type_=JSONB))

__all__ = ["CHANNEL", "Notice", "admins_of", "notified_of", "notify", "notify_admins", "notify_all"]


@dataclass(frozen=True)
class Recipient:
    """Somebody to tell, and when they want their mail; without an address they get none."""

    person_id: str
    tenant: str
    email: str
    wishes: EmailPreference | None
    zone: ZoneInfo
    now: datetime


@dataclass(frozen=True)
class Notice:
    """What some people shall hear, each once a key; who did it is not told.

    `note` is a remark in somebody's own words, or for a digest all it says. `by` is the person who caused it.
    """

    case: Case | None
    event: NotificationEvent
    to: Collection[str]
    _: KW_ONLY
    key: str
    approval: Approval | None = None
    note: str = ""
    by: str | None = None

    @property
    def ears(self) -> set[str]:
        """Who shall hear it."""
        return set(self.to) - {self.by or ""}

    def in_words(self, names: Mapping[str, str]) -> dict[str, str | None]:
        """As it is written down for each of them."""
        return {
            "case": str(self.case.id) if self.case else None,
            "approval": str(self.approval.id) if self.approval else None,
            "key": self.key,
            "event": self.event,
            "headline": headline(
                self.event,
                title=self.case.title if self.case else "",
                verdict=self.approval.state if self.approval else "",
                by=names.get(self.by or "", ""),
            ),
            "note": self.note,
            "by": self.by,
        }


async def notify(  # noqa: PLR0913 - as News
    session: AsyncSession,
    case: Case | None,
    event: NotificationEvent,
    to: Collection[str],
    *,
    approval: Approval | None = None,
    key: str,
    note: str = "",
    by: str | None = None,
) -> list[str]:
    """Tell these people one thing, as News says. Returns who was told now."""
    return await notify_all(session, [Notice(case, event, to, approval=approval, key=key, note=note, by=by)])


async def notify_all(session: AsyncSession, news: Sequence[Notice]) -> list[str]:
    """Tell all of it: one line in the list of each who was not told yet, and one mail for who has an address.

    Returns who was told something now.
    """
    listeners = await _listeners(session, {person for each in news for person in each.ears})
    if not listeners:
        return []
    names = await names_of(session, {each.by or "" for each in news})
    rows = [
        {**each.in_words(names), **_to(listener, each.event)}
        for each in news
        for listener in listeners
        if listener.person_id in each.ears
    ]
    return sorted(await session.scalars(_TELL, {"listeners": rows, "channel": CHANNEL}))


_LISTENERS = (
    select(
        Person.id,
        Person.name,
        Person.tenant_id,
        Person.email,
        EmailPreference,
        Tenant.time_zone,
        func.clock_timestamp(),
    )
    .join(Tenant, Tenant.id == Person.tenant_id)
    .outerjoin(EmailPreference, EmailPreference.person_id == Person.id)
    .where(Person.id == any_(bindparam("ids", type_=ARRAY(String))), Person.active)
    .order_by(Person.id)
)


async def _listeners(session: AsyncSession, ids: set[str]) -> list[Recipient]:
    if not ids:
        return []
    rows = (await session.execute(_LISTENERS, {"ids": sorted(ids)})).all()
    remember_names(session, {key: name for key, name, *_ in rows})
    return [Recipient(key, of, email, wishes, ZoneInfo(zone), now) for key, _, of, email, wishes, zone, now in rows]


def _to(listener: Recipient, event: NotificationEvent) -> dict[str, str | None]:
    """The ids of a line and of a mail, for whom, and when it may leave."""
    return {
        "id": str(new_id()),
        "mail": str(new_id()) if listener.email else None,
        "tenant": listener.tenant,
        "person": listener.person_id,
        **_when(listener, event),
    }


def _when(listener: Recipient, event: NotificationEvent) -> dict[str, str]:
    """A digest of its own goes out by itself; everything else waits for the daily one if the person wants that."""
    wishes = listener.wishes
    if wishes is not None and wishes.daily and event is not NotificationEvent.DIGEST:
        return {"state": "collected", "due": digest_at(wishes, listener.now, listener.zone).isoformat()}
    return {"state": "queued", "due": may_leave_at(wishes, listener.now, listener.zone).isoformat()}


async def notified_of(session: AsyncSession, approval: Approval) -> list[str]:
    """Who was told of this approval, and so has to hear when it is gone."""
    asked = (Notification.approval_id == approval.id, Notification.event.in_(REQUEST_EVENTS))
    return list(await session.scalars(select(Notification.person_id).where(*asked).distinct()))


async def admins_of(session: AsyncSession, tenant: str) -> list[str]:
    """Who administers this tenant."""
    group = (Membership.tenant_id == tenant, Membership.group_id == ADMINS)
    return list(await session.scalars(select(Membership.person_id).where(*group)))


async def notify_admins(session: AsyncSession, case: Case, words: str) -> None:
    """Tell the administrators what needs their attention; the same words about the same case only once."""
    key = f"attention:{case.id}:{hashlib.sha256(words.encode()).hexdigest()[:16]}"
    to = await admins_of(session, case.tenant_id)
    await notify(session, case, NotificationEvent.ATTENTION, to, key=key, note=words)
