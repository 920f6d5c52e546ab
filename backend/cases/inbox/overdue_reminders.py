"""Daily reminders of overdue requests: each approver is notified once a day, of all of them in one email."""

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import BaseModel, Field
from sqlalchemy import Interval, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core import counters
from backend.cases.core.actor import read_actor
from backend.cases.inbox.lists import InboxItem, inbox
from backend.cases.notifications.notify import notify
from backend.database.engine import Database
from backend.kit.i18n import N_, NN_
from backend.kit.moments import in_utc
from backend.kit.notification import NotificationEvent

LISTED = 50


class Round(BaseModel):
    """Some of the approvers, those after `after`; the day is that of the tenant when the case was opened."""

    tenant: str
    key: str
    opened_at: datetime
    late_by: timedelta
    remark: str = ""
    after: str = ""
    people: int = Field(ge=1)


class Rounded(BaseModel):
    """How many people were reminded under this key so far, and after whom to continue; None at the end."""

    told: int
    after: str | None = None


# People who may decide an overdue approval; the inbox then says which ones.
_LATE = text("""
    SELECT p.id FROM people p
    WHERE p.active AND p.id > :after AND EXISTS (
        SELECT 1 FROM waiting k
        WHERE k.tenant_id = p.tenant_id AND k.due_at < clock_timestamp() - :late_by
          AND (k.principal = 'person:' || p.id OR k.principal IN (
               SELECT 'group:' || m.group_id FROM memberships m WHERE m.person_id = p.id)))
    ORDER BY p.id LIMIT :people
""").bindparams(bindparam("late_by", type_=Interval))
_NOW = text("""
    SELECT clock_timestamp(), (cast(:opened_at AS timestamptz) AT TIME ZONE time_zone)::date
    FROM tenants WHERE id = :tenant
""")


async def remind_overdue(database: Database, given: Round, after: str, beat: Callable[[str], None]) -> Rounded:
    """Remind the next people, each in a transaction of their own; `beat` gets each person's id."""
    told = 0
    async with database.transaction(given.tenant) as session:
        found = {"after": after, "late_by": given.late_by, "people": given.people}
        people = list(await session.scalars(_LATE, found))
    for person in people:
        async with database.transaction(given.tenant) as session:
            reminded = await _remind(session, given, person)
            told = await counters.increment(session, given.tenant, given.key, reminded)
        beat(person)
    if len(people) < given.people:
        async with database.transaction(given.tenant) as session:
            return Rounded(told=await counters.increment(session, given.tenant, given.key, 0))
    return Rounded(told=told, after=people[-1])


async def _remind(session: AsyncSession, given: Round, person: str) -> int:
    actor = await read_actor(session, person)
    if actor is None:
        return 0
    now, day = (await session.execute(_NOW, {"opened_at": given.opened_at, "tenant": given.tenant})).one()
    page = await inbox(session, actor, limit=LISTED)
    late = [item for item in page.items if item.due_at < now - given.late_by]
    if not late:
        return 0
    note = _words(late, given.remark, more=page.next is not None and len(late) == LISTED)
    # The day is the key: two runs on one day notify each person once.
    return len(await notify(session, None, NotificationEvent.DIGEST, [person], key=f"overdue:{day}", note=note))


def _words(late: list[InboxItem], remark: str, *, more: bool) -> str:
    lines = [_summary(len(late), more=more), *([remark] if remark else [])]
    return "\n".join([*lines, *map(_line, late)])


def _summary(count: int, *, more: bool) -> str:
    if more:
        return N_("At least {number} overdue requests are waiting for you.").format(number=count)
    return NN_(
        "{count} overdue request is waiting for you.", "{count} overdue requests are waiting for you.", count
    ).format(count=count)


def _line(item: InboxItem) -> str:
    due = in_utc(item.due_at)
    if item.amount is None:
        return N_("{reference} {title}, due {due}").format(reference=item.reference, title=item.title, due=due)
    return N_("{reference} {title} ({amount}), due {due}").format(
        reference=item.reference, title=item.title, amount=f"{item.currency} {item.amount:,.2f}", due=due
    )
