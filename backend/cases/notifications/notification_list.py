"""A person's notifications and their counter: one condition, so that the two agree by construction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import Actor
from backend.cases.core.errors import NotFound
from backend.cases.notifications.links import leads_to
from backend.database.engine import Database
from backend.database.pages import COUNT_UP_TO, Page, page_of, read_moment_and_id
from backend.database.tables import Approval, Case, Notification
from backend.kit.notification import CASE_EVENTS


@dataclass(frozen=True)
class NotificationLine:
    """One line of the list: the notification, its case, the current state of its approval, and where it leads."""

    id: UUID
    event: str
    headline: str
    note: str
    reference: str
    state: str
    leads_to: str
    at: datetime
    read_at: datetime | None


def _mine(actor: Actor, *, unread: bool) -> list[ColumnElement[bool]]:
    mine: list[ColumnElement[bool]] = [
        Notification.tenant_id == actor.tenant,  # type: ignore[list-item]
        Notification.person_id == actor.person_id,  # type: ignore[list-item]
    ]
    return [*mine, Notification.read_at.is_(None)] if unread else mine


async def list_notifications(
    session: AsyncSession, actor: Actor, *, unread: bool = False, after: str = "", limit: int = 50
) -> Page[NotificationLine]:
    """One page, newest first. BadCursor if `after` is not ours."""
    statement = (
        select(Notification, Case.reference, Case.opened_by, Approval.state)
        .outerjoin(Case, Case.id == Notification.case_id)
        .outerjoin(Approval, Approval.id == Notification.approval_id)
        .where(*_mine(actor, unread=unread))
        .order_by(Notification.at.desc(), Notification.id.desc())
        .limit(limit + 1)
    )
    if after:
        statement = statement.where(tuple_(Notification.at, Notification.id) < read_moment_and_id(after))
    rows = [_line(*row) for row in await session.execute(statement)]
    return page_of(rows, limit, lambda row: (row.at, row.id))


def _line(row: Notification, reference: str | None, opened_by: str | None, state: str | None) -> NotificationLine:
    known = row.model_dump(include={"id", "event", "headline", "note", "at", "read_at"})
    page = _page_of(row, reference, opened_by)
    return NotificationLine(**known, reference=reference or "", state=state or "", leads_to=page)


def _page_of(row: Notification, reference: str | None, opened_by: str | None) -> str:
    return leads_to(row.event, reference, row.approval_id, requester=row.person_id == opened_by)


async def unread_count(session: AsyncSession, actor: Actor) -> int:
    """How many are unread, up to 1,000."""
    some = select(Notification.id).where(*_mine(actor, unread=True)).limit(COUNT_UP_TO).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def read(database: Database, actor: Actor, notification_id: UUID | None = None) -> None:
    """Note that one was read, or all of them."""
    one = [] if notification_id is None else [Notification.id == notification_id]
    async with database.transaction(actor.tenant) as session:
        await _mark_read(session, actor, *one)


async def read_of_case(session: AsyncSession, actor: Actor, case: Case) -> None:
    """Note that they have seen the page of a case: what leads there is read."""
    found = [Notification.case_id == case.id]
    if case.opened_by != actor.person_id:
        found.append(Notification.approval_id.is_(None) | Notification.event.in_(CASE_EVENTS))
    await _mark_read(session, actor, *found)


async def read_of_approval(session: AsyncSession, actor: Actor, approval_id: UUID) -> None:
    """Note that they have seen the page of an approval."""
    await _mark_read(session, actor, Notification.approval_id == approval_id)


async def _mark_read(session: AsyncSession, actor: Actor, *which: ColumnElement[bool] | bool) -> None:
    statement = update(Notification).where(*_mine(actor, unread=True), *which)
    await session.execute(statement.values(read_at=func.clock_timestamp()))


async def follow(database: Database, actor: Actor, notification_id: UUID) -> str:
    """Note that one was read; where it leads. NotFound if it is not theirs."""
    async with database.transaction(actor.tenant) as session:
        statement = (
            select(Notification, Case.reference, Case.opened_by)
            .outerjoin(Case, Case.id == Notification.case_id)
            .where(*_mine(actor, unread=False), Notification.id == notification_id)
        )
        found = (await session.execute(statement)).first()
        if found is None:
            raise NotFound
        row, reference, opened_by = found
        if row.read_at is None:
            row.read_at = func.clock_timestamp()
        return _page_of(row, reference, opened_by)
