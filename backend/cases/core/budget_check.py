"""What is left of the budgets that a form names, and whether that covers what it asks for."""

from dataclasses import dataclass

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.tables import Budget
from backend.kit.fields import Lookup
from backend.kit.forms import describe
from backend.kit.money import Money


@dataclass(frozen=True)
class BudgetLeft:
    """One budget: its number and name, what is left of it, and what the form asks for in the same currency."""

    cost_centre: str
    name: str
    left: Money
    wanted: Money | None

    @property
    def short(self) -> bool:
        """Whether the form asks for more than is left."""
        return self.wanted is not None and self.wanted.amount > self.left.amount


async def budgets_left(session: AsyncSession, form: BaseModel, wanted: Money | None) -> list[BudgetLeft]:
    """The budgets of the cost centres in this form, as they are now."""
    fields = [one.name for one in describe(type(form)).fields if one.marker.lookup == Lookup.COST_CENTRES]
    named = {str(getattr(form, name)) for name in fields}
    if not named:
        return []
    rows = await session.scalars(select(Budget).where(Budget.cost_centre.in_(named)).order_by(Budget.cost_centre))
    return [_left(row, wanted) for row in rows]


def _left(row: Budget, wanted: Money | None) -> BudgetLeft:
    left = Money.model_construct(amount=row.amount - row.reserved, currency=row.currency)
    comparable = wanted if wanted and wanted.currency == row.currency else None
    return BudgetLeft(row.cost_centre, row.name, left, comparable)
