"""Lists that forms offer: names of choices and where they come from."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Budget, Membership, Person

MANAGERS = "managers"


async def cost_centres(session: AsyncSession) -> dict[str, str]:
    """Cost centres by number: what they are called, and what is left."""
    left = Budget.amount - Budget.reserved
    rows = await session.execute(
        select(Budget.cost_centre, Budget.name, Budget.currency, left).order_by(Budget.cost_centre)
    )
    return {number: f"{number} {name}, {currency} {left:,.2f} left" for number, name, currency, left in rows}


async def managers(session: AsyncSession) -> dict[str, str]:
    """Who leads somebody or belongs to the managers, by login."""
    leads = select(Person.manager_id).where(Person.manager_id.is_not(None))
    belongs = select(Membership.person_id).where(Membership.group_id == MANAGERS)
    who = (Person.active.is_(True), or_(Person.id.in_(leads), Person.id.in_(belongs)))
    rows = await session.execute(select(Person.id, Person.name).where(*who).order_by(Person.name))
    return dict(rows.all())


async def form_choices(session: AsyncSession) -> dict[str, dict[str, str]]:
    """Every list by its name, as `FormField(choices=…)` spells it."""
    return {"cost_centres": await cost_centres(session), "managers": await managers(session)}
