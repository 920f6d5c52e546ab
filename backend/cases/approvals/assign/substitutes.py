"""Substitutes: who decides for an absent person, on which days, in which processes and up to which amount.

A substitute cannot pass this on: only the absent person names one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.audit.record import record_fact
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError, NotFound
from backend.database.engine import Database
from backend.database.tables import Person, Substitution
from backend.kit.i18n import N_

LONGEST = timedelta(days=366)
DAYS = N_("Choose a first and a last day, not in the past and at most one year apart.")


class SubstitutionRefused(CaseError):
    """This substitute cannot be saved."""

    status = 422
    code = "substitution_refused"


@dataclass(frozen=True)
class SubstitutionTerms:
    """The substitute, the days (both included), the processes (none means all), and the limit of the amount."""

    substitute: str
    first_day: date
    last_day: date
    processes: tuple[str, ...] = ()
    up_to: Decimal | None = None


async def set_substitute(
    database: Database, processes: Processes, terms: SubstitutionTerms, *, by: Actor
) -> Substitution:
    """Let a substitute decide for this person on these days. SubstitutionRefused if the terms are not valid."""
    starts, ends = _span(terms, ZoneInfo(by.time_zone))
    async with database.transaction(by.tenant) as session:
        await _check(session, processes, terms, starts, ends, by)
        row = Substitution(
            tenant_id=by.tenant,
            person_id=by.person_id,
            substitute_id=terms.substitute,
            starts_at=starts,
            ends_at=ends,
            processes=list(terms.processes),
            up_to=terms.up_to,
        )
        session.add(row)
        facts = row.model_dump(mode="json", include={"id", "starts_at", "ends_at", "processes", "up_to"})
        await record_fact(session, by.tenant, "person.substitute", by.person_id, terms.substitute, **facts)
        await session.flush()
        return row


def _span(terms: SubstitutionTerms, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the midnight before the first day to the one after the last."""
    if terms.last_day == date.max:
        raise SubstitutionRefused(DAYS)
    return _midnight(terms.first_day, zone), _midnight(terms.last_day + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


async def _check(
    session: AsyncSession, processes: Processes, terms: SubstitutionTerms, starts: datetime, ends: datetime, by: Actor
) -> None:
    person = await session.get(Person, terms.substitute)
    if person is None or not person.active or person.tenant_id != by.tenant:
        raise SubstitutionRefused(N_("There is no such person, or they are no longer active."))
    if person.id == by.person_id:
        raise SubstitutionRefused(N_("Choose somebody else as your substitute."))
    now = await session.scalar(select(func.clock_timestamp()))
    assert now is not None  # noqa: S101 - a clock always answers
    if ends <= starts or ends <= now or ends - starts > LONGEST:
        raise SubstitutionRefused(DAYS)
    if not set(terms.processes) <= set(processes):
        raise SubstitutionRefused(N_("There is no such process."))
    if terms.up_to is not None and terms.up_to <= 0:
        raise SubstitutionRefused(N_("Enter an amount greater than 0."))


async def end_substitution(database: Database, substitution_id: UUID, *, by: Actor) -> Substitution:
    """End it now. Ending it twice changes nothing; NotFound unless the person or their substitute ends it."""
    async with database.transaction(by.tenant) as session:
        row = await session.get(Substitution, substitution_id, with_for_update=True)
        if row is None or by.person_id not in {row.person_id, row.substitute_id}:
            raise NotFound(N_("There is no such substitution."))
        if row.ended_at is None:
            row.ended_at = await session.scalar(select(func.clock_timestamp()))
            facts = {"id": str(row.id)}
            await record_fact(session, by.tenant, "person.substitute_ended", by.person_id, row.substitute_id, **facts)
        return row


async def substitutions_of(session: AsyncSession, actor: Actor) -> Sequence[Substitution]:
    """Their substitutes and the people they cover for, now or later, soonest first."""
    mine = or_(Substitution.person_id == actor.person_id, Substitution.substitute_id == actor.person_id)
    ahead = (Substitution.ended_at.is_(None), Substitution.ends_at > func.clock_timestamp())
    statement = select(Substitution).where(mine, *ahead).order_by(Substitution.starts_at, Substitution.id)
    return list(await session.scalars(statement))
