"""Lists that forms offer: names of choices and where they come from."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Budget


async def cost_centres(session: AsyncSession) -> dict[str, str]:
    """Cost centres by number: what they are called, and what is left."""
    rows = await session.scalars(select(Budget).order_by(Budget.cost_centre))
    return {
        row.cost_centre: f"{row.cost_centre} {row.name}, {row.currency} {row.amount - row.reserved:,.2f} left"
        for row in rows
    }


async def form_choices(session: AsyncSession) -> dict[str, dict[str, str]]:
    """Every list by its name, as `FormField(choices=…)` spells it."""
    return {"cost_centres": await cost_centres(session)}
