"""Lists that forms offer: names of choices and where they come from."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Budget


async def cost_centres(session: AsyncSession) -> dict[str, str]:
    """Cost centres by number: what they are called, and what is left."""
    left = Budget.amount - Budget.reserved
    rows = await session.execute(
        select(Budget.cost_centre, Budget.name, Budget.currency, left).order_by(Budget.cost_centre)
    )
    return {number: f"{number} {name}, {currency} {left:,.2f} left" for number, name, currency, left in rows}


async def form_choices(session: AsyncSession) -> dict[str, dict[str, str]]:
    """Every list by its name, as `FormField(choices=…)` spells it."""
    return {"cost_centres": await cost_centres(session)}
