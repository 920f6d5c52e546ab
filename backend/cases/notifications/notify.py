"""Notify people: one line in their list and one email, written in the transaction that makes it true.

The relay process sends the emails. Who and what is personal, so it stays in our tables: neither Temporal nor the log
gets it.
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
# One statement: the line in each list, the email, and a notice to the mailer.
_NOTIFY = text("""
    WITH recipient AS (
        SELECT * FROM jsonb_to_recordset(:recipients)
        AS l(id uuid, mail uuid, tenant text, person text, state text, due timestamptz,
             "case" uuid, approval uuid, key text, event text, headline text, note text, "by" text)
    ), notified AS (
        INSERT INTO notifications (id, tenant_id, person_id, case_id, approval_id, key, event, headline, note, "by")
        SELECT id, tenant, person, "case", approval, key, event, headline, note, "by" FROM recipient
        ON CONFLICT DO NOTHING RETURNING id, person_id
    ), queued AS (
        INSERT INTO deliveries (id, tenant_id, person_id, case_id, approval_id, event, headline, note, state,
                                attempts, resends, reason, provider_id, due_at)
        SELECT mail, tenant, person, "case", approval, event, headline, note, state, 0, 0, '', '', due
        FROM recipient JOIN notified USING (id) WHERE mail IS NOT NULL
        RETURNING id
    )
    SELECT person_id, (SELECT pg_notify(:channel, '') FROM queued LIMIT 1) FROM notified
""").bindparams(bindparam("recipients", type_=JSONB))

__all__ = [
    "CHANNEL",
    "Notice",
    "admins_of",
    "notified_of",
    "notify",
    "notify_all",
    "notify_attention",
    "notify_owners",
]


@dataclass(frozen=True)
class Recipient:
    """A person to notify, and when they want email; without an address they get none."""

    person_id: str
    tenant: str
    email: str
    preference: EmailPreference | None
    zone: ZoneInfo
    now: datetime


@dataclass(frozen=True)
class Notice:
    """One notification to some people, each once a key; the person who caused it gets none.

    `note` is in a person's own words, or for a digest all it says. `by` is the person who caused it.
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
    def recipients(self) -> set[str]:
        """Who gets it: everybody it is for except who caused it."""
        return set(self.to) - {self.by or ""}

    def in_words(self, names: Mapping[str, str]) -> dict[str, str | None]:
        """As it is written for each of them."""
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


async def notify(  # noqa: PLR0913 - as Notice
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
    """Notify these people of one thing, as Notice says. Returns who was notified now."""
    return await notify_all(session, [Notice(case, event, to, approval=approval, key=key, note=note, by=by)])


async def notify_all(session: AsyncSession, notices: Sequence[Notice]) -> list[str]:
    """Write one line in the list of each person who was not notified yet, and one email for those with an address.

    Returns who was notified now.
    """
    recipients = await _recipients(session, {person for each in notices for person in each.recipients})
    if not recipients:
        return []
    names = await names_of(session, {each.by or "" for each in notices})
    rows = [
        {**each.in_words(names), **_to(recipient, each.event)}
        for each in notices
        for recipient in recipients
        if recipient.person_id in each.recipients
    ]
    return sorted(await session.scalars(_NOTIFY, {"recipients": rows, "channel": CHANNEL}))


_RECIPIENTS = (
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


async def _recipients(session: AsyncSession, ids: set[str]) -> list[Recipient]:
    if not ids:
        return []
    rows = (await session.execute(_RECIPIENTS, {"ids": sorted(ids)})).all()
    remember_names(session, {key: name for key, name, *_ in rows})
    return [
        Recipient(key, of, email, preference, ZoneInfo(zone), now) for key, _, of, email, preference, zone, now in rows
    ]


def _to(recipient: Recipient, event: NotificationEvent) -> dict[str, str | None]:
    """The ids of a notification and of its email, for whom, and when the email may leave."""
    return {
        "id": str(new_id()),
        "mail": str(new_id()) if recipient.email else None,
        "tenant": recipient.tenant,
        "person": recipient.person_id,
        **_when(recipient, event),
    }


def _when(recipient: Recipient, event: NotificationEvent) -> dict[str, str]:
    """A notification that is a digest leaves at once; all others wait for the daily digest if the person wants that."""
    preference = recipient.preference
    if preference is not None and preference.daily and event is not NotificationEvent.DIGEST:
        return {"state": "collected", "due": digest_at(preference, recipient.now, recipient.zone).isoformat()}
    return {"state": "queued", "due": may_leave_at(preference, recipient.now, recipient.zone).isoformat()}


async def notified_of(session: AsyncSession, approval: Approval) -> list[str]:
    """Who was notified of this approval, and so has to be notified when it is gone."""
    asked = (Notification.approval_id == approval.id, Notification.event.in_(REQUEST_EVENTS))
    return list(await session.scalars(select(Notification.person_id).where(*asked).distinct()))


async def admins_of(session: AsyncSession, tenant: str) -> list[str]:
    """Who administers this tenant."""
    return await members_of(session, tenant, {ADMINS})


async def members_of(session: AsyncSession, tenant: str, groups: Collection[str]) -> list[str]:
    """Who is in one of these groups."""
    some = (Membership.tenant_id == tenant, Membership.group_id.in_(groups))
    return list(await session.scalars(select(Membership.person_id).where(*some).distinct()))


async def notify_owners(session: AsyncSession, case: Case, words: str, groups: Collection[str] = ()) -> None:
    """Notify who has to see to it: the requester, the administrators and `groups`; the same words only once."""
    await notify_attention(session, case, words, [case.opened_by, *await members_of(session, case.tenant_id, groups)])


async def notify_attention(session: AsyncSession, case: Case, words: str, others: Collection[str]) -> None:
    """Notify the administrators and these people; the same words about the same case only once."""
    key = f"attention:{case.id}:{hashlib.sha256(words.encode()).hexdigest()[:16]}"
    to = {*await admins_of(session, case.tenant_id), *others}
    await notify(session, case, NotificationEvent.ATTENTION, to, key=key, note=words)
