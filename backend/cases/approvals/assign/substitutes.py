"""Substitutes: who decides for an absent person, from when until when, in which processes and up to which amount.

Nobody stands in for who stands in: a mandate is given by the absent person alone and is not handed on.
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

LONGEST = timedelta(days=366)
DAYS = "Choose a first and a last day, not in the past and at most a year apart."


class SubstitutionRefused(CaseError):
    """This substitute cannot be set."""

    status = 422
    code = "substitution_refused"


@dataclass(frozen=True)
class SubstitutionTerms:
    """Who stands in, on which days (both included), in which processes (none means all), up to which amount."""

    substitute: str
    first_day: date
    last_day: date
    processes: tuple[str, ...] = ()
    up_to: Decimal | None = None


async def set_substitute(
    database: Database, processes: Processes, mandate: SubstitutionTerms, *, by: Actor
) -> Substitution:
    """Let somebody decide for this person on these days. SubstitutionRefused if it makes no sense."""
    starts, ends = _span(mandate, ZoneInfo(by.time_zone))
    async with database.transaction(by.tenant) as session:
        await _refuse_senseless(session, processes, mandate, starts, ends, by)
        row = Substitution(
            tenant_id=by.tenant,
            person_id=by.person_id,
            substitute_id=mandate.substitute,
            starts_at=starts,
            ends_at=ends,
            processes=list(mandate.processes),
            up_to=mandate.up_to,
        )
        session.add(row)
        facts = row.model_dump(mode="json", include={"id", "starts_at", "ends_at", "processes", "up_to"})
        await record_fact(session, by.tenant, "person.substitute", by.person_id, mandate.substitute, **facts)
        await session.flush()
        return row


def _span(mandate: SubstitutionTerms, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the midnight before the first day to the one after the last."""
    if mandate.last_day == date.max:
        raise SubstitutionRefused(DAYS)
    return _midnight(mandate.first_day, zone), _midnight(mandate.last_day + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


async def _refuse_senseless(
    session: AsyncSession, processes: Processes, mandate: SubstitutionTerms, starts: datetime, ends: datetime, by: Actor
) -> None:
    person = await session.get(Person, mandate.substitute)
    if person is None or not person.active or person.tenant_id != by.tenant:
        raise SubstitutionRefused("There is no such person, or they are no longer active.")
    if person.id == by.person_id:
        raise SubstitutionRefused("Nobody stands in for themselves.")
    now = await session.scalar(select(func.clock_timestamp()))
    assert now is not None  # noqa: S101 - a clock always answers
    if ends <= starts or ends <= now or ends - starts > LONGEST:
        raise SubstitutionRefused(DAYS)
    if not set(mandate.processes) <= set(processes):
        raise SubstitutionRefused("There is no such process.")
    if mandate.up_to is not None and mandate.up_to <= 0:
        raise SubstitutionRefused("The amount has to be more than nothing.")


async def end_substitution(database: Database, substitution_id: UUID, *, by: Actor) -> Substitution:
    """End it now. Ending it twice changes nothing; NotFound unless one of the two ends it."""
    async with database.transaction(by.tenant) as session:
        row = await session.get(Substitution, substitution_id, with_for_update=True)
        if row is None or by.person_id not in {row.person_id, row.substitute_id}:
            raise NotFound("There is no such substitution.")
        if row.ended_at is None:
            row.ended_at = await session.scalar(select(func.clock_timestamp()))
            facts = {"id": str(row.id)}
            await record_fact(session, by.tenant, "person.substitute_ended", by.person_id, row.substitute_id, **facts)
        return row


async def substitutions_of(session: AsyncSession, actor: Actor) -> Sequence[Substitution]:
    """What is set for them and what they stand in for, now or later, soonest first."""
    mine = or_(Substitution.person_id == actor.person_id, Substitution.substitute_id == actor.person_id)
    ahead = (Substitution.ended_at.is_(None), Substitution.ends_at > func.clock_timestamp())
    statement = select(Substitution).where(mine, *ahead).order_by(Substitution.starts_at, Substitution.id)
    return list(await session.scalars(statement))
