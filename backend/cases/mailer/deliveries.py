"""The email log: what was queued, sent, dropped and failed, why; and resend one."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import record_fact
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError, NotFound
from backend.cases.notifications.notify import CHANNEL
from backend.database.engine import Database
from backend.database.pages import Page, page_of, read_moment_and_id
from backend.database.tables import Case, Delivery, MailboxEmail, Person
from backend.kit.i18n import N_
from backend.kit.look import Look, VisibleState
from backend.kit.text import login_name, single_line


class DeliveryState(VisibleState):
    """The state of an email."""

    QUEUED = "queued", Look(N_("Queued"), "clock")
    RETRIED = "retried", Look(N_("Retrying"), "refresh", "warn")
    COLLECTED = "collected", Look(N_("In the next digest"), "list-details")
    SENT = "sent", Look(N_("Sent"), "check", "ok")
    FAILED = "failed", Look(N_("Failed"), "alert-circle", "bad")
    DROPPED = "dropped", Look(N_("No longer needed"), "x")


_SECRET = re.compile(r"/(answer|set-password)/[^\s\"<]+")
UNDER_WAY = frozenset({DeliveryState.QUEUED, DeliveryState.RETRIED})


class StillUnderWay(CaseError):
    """This email is still being sent."""

    code = "still_under_way"


@dataclass(frozen=True)
class DeliveryFilter:
    """What to show; empty fields do not filter."""

    state: DeliveryState | None = None
    person: str = ""
    case: str = ""


@dataclass(frozen=True)
class DeliveryLine:
    """One email as lists show it.

    `unconfirmed` counts attempts whose result was lost: once it is sent, it may have arrived that many times more.
    """

    id: UUID
    event: str
    headline: str
    person_id: str
    name: str
    address: str
    reference: str
    state: DeliveryState
    attempts: int
    reason: str
    provider_id: str
    due_at: datetime
    created_at: datetime
    sent_at: datetime | None
    unconfirmed: int = 0

    @property
    def may_resend(self) -> bool:
        """Whether it can be sent again."""
        return self.state not in UNDER_WAY


def _lines() -> Select[Any]:
    lines: Select[Any] = (
        select(Delivery, Person.name, Person.email, Case.reference)
        .join(Person, Person.id == Delivery.person_id)
        .outerjoin(Case, Case.id == Delivery.case_id)
        .order_by(Delivery.created_at.desc(), Delivery.id.desc())
    )
    return lines


def _line(row: Any) -> DeliveryLine:
    delivery, name, address, reference = row
    own = {"id", "event", "headline", "person_id", "attempts", "reason", "provider_id", "due_at"}
    known = delivery.model_dump(include=own | {"created_at", "sent_at", "unconfirmed"})
    state = DeliveryState(delivery.state)
    return DeliveryLine(**known, name=name, address=address, reference=reference or "", state=state)


async def list_deliveries(
    session: AsyncSession, actor: Actor, only: DeliveryFilter, after: str = "", limit: int = 50
) -> Page[DeliveryLine]:
    """One page, newest first. BadCursor if `after` is not ours."""
    statement = _lines().where(Delivery.tenant_id == actor.tenant).limit(limit + 1)
    if only.state:
        statement = statement.where(Delivery.state == only.state)
    if only.person:
        statement = statement.where(Delivery.person_id == login_name(only.person))
    if only.case:
        statement = statement.where(Case.reference == single_line(only.case).upper())
    if after:
        statement = statement.where(tuple_(Delivery.created_at, Delivery.id) < read_moment_and_id(after))
    rows = [_line(row) for row in await session.execute(statement)]
    return page_of(rows, limit, lambda row: (row.created_at, row.id))


async def deliveries_of(session: AsyncSession, case_id: UUID) -> list[DeliveryLine]:
    """The emails about one case, newest first, at most 50."""
    return [_line(row) for row in await session.execute(_lines().where(Delivery.case_id == case_id).limit(50))]


@dataclass(frozen=True)
class DeliveryView:
    """One email, and its text where this installation stores emails itself."""

    line: DeliveryLine
    text: str | None


async def delivery_view(session: AsyncSession, actor: Actor, delivery_id: UUID) -> DeliveryView:
    """One email, for administrators and its recipient. NotFound for anyone else."""
    row = (await session.execute(_lines().where(Delivery.id == delivery_id))).first()
    if row is None or not (actor.is_admin or row[0].person_id == actor.person_id):
        raise NotFound
    kept = await session.get(MailboxEmail, delivery_id)
    if kept is None:
        return DeliveryView(_line(row), None)
    own = row[0].person_id == actor.person_id
    return DeliveryView(_line(row), kept.text if own else _SECRET.sub(r"/\1/(hidden)", kept.text))


async def resend(database: Database, delivery_id: UUID, *, by: Actor) -> DeliveryLine:
    """Send it again now. StillUnderWay while it is being sent."""
    async with database.transaction(by.tenant) as session:
        delivery = await session.get(Delivery, delivery_id, with_for_update=True)
        if delivery is None:
            raise NotFound
        if delivery.state in UNDER_WAY:
            raise StillUnderWay
        facts = {"delivery": str(delivery.id), "event": delivery.event, "to": delivery.person_id}
        delivery.resends += 1
        delivery.state, delivery.attempts, delivery.reason = DeliveryState.QUEUED, 0, ""
        delivery.due_at = func.clock_timestamp()  # type: ignore[assignment]
        await session.flush()
        await session.execute(text(f"NOTIFY {CHANNEL}"))
        row = (await session.execute(_lines().where(Delivery.id == delivery_id))).one()
        line = _line(row)
        await record_fact(session, by.tenant, "delivery.resend", by.person_id, line.reference or "mail", **facts)
        return line
