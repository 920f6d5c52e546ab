"""The working calendar of a tenant, as its tables hold it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Holiday, Tenant, WorkingHours
from backend.kit.calendar import AROUND_THE_CLOCK, Hours, WorkingCalendar
from backend.kit.policy import Policy


async def calendar_of(session: AsyncSession, tenant_id: str) -> WorkingCalendar:
    """Hours, holidays and time zone of this tenant. Without hours every moment counts."""
    tenant = await session.get_one(Tenant, tenant_id)
    mine = select(WorkingHours).where(WorkingHours.tenant_id == tenant_id)
    hours = await session.scalars(mine.order_by(WorkingHours.weekday, WorkingHours.opens))
    holidays = await session.scalars(select(Holiday.day).where(Holiday.tenant_id == tenant_id).order_by(Holiday.day))
    return WorkingCalendar(
        zone=tenant.time_zone,
        hours=tuple(Hours(weekday=each.weekday, opens=each.opens, closes=each.closes) for each in hours),
        holidays=tuple(holidays),
    )


async def calendar_for(session: AsyncSession, tenant_id: str, policy: Policy) -> WorkingCalendar:
    """The calendar on which this policy counts."""
    return await calendar_of(session, tenant_id) if policy.working_time else AROUND_THE_CLOCK
