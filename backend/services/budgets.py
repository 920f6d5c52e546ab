"""Budgets of cost centres."""

from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import Numeric, bindparam, text, update
from sqlalchemy.dialects.postgresql import JSONB

from backend.database.engine import Database
from backend.database.tables import Budget
from backend.kit.money import Money
from backend.services import effects
from backend.services.keyed import Keyed

# The key, its answer and the balance in one statement; nothing is reserved twice under one key, or beyond the budget.
_TAKE = text("""
    WITH held AS (
        SELECT reserved + :total <= amount AS enough FROM budgets
        WHERE cost_centre = :cost_centre AND currency = :currency FOR UPDATE
    ), noted AS (
        INSERT INTO effects (tenant_id, key, kind, request, result)
        VALUES (:tenant_id, :key, :kind, :request,
                jsonb_build_object('reserved', coalesce((SELECT enough FROM held), false)))
        ON CONFLICT DO NOTHING RETURNING result
    ), taken AS (
        UPDATE budgets SET reserved = reserved + :total
        FROM noted WHERE cost_centre = :cost_centre AND (noted.result ->> 'reserved')::boolean
    )
    SELECT result FROM noted
""").bindparams(bindparam("request", type_=JSONB), bindparam("total", type_=Numeric))


class BudgetRequest(Keyed):
    """How much to reserve of which budget."""

    cost_centre: str
    total: Money


class Reservation(BaseModel):
    """Whether the money is reserved; if not, the remaining budget was too small."""

    reserved: bool


class Budgets(Protocol):
    """Reserves and releases, each once per key."""

    async def reserve(self, request: BudgetRequest) -> Reservation:
        """Reserve if enough is left."""
        ...

    async def release(self, request: BudgetRequest) -> None:
        """Release what was reserved."""
        ...


class PostgresBudgets:
    """Budgets in our own tables: the balance and the key change in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, request: BudgetRequest) -> Reservation:
        """Reserve if enough is left; the same key gets the same answer."""
        async with self._database.transaction(request.tenant) as session:
            wanted = {
                "cost_centre": request.cost_centre,
                "currency": request.total.currency,
                "total": request.total.amount,
            }
            noted = await session.scalar(_TAKE, effects.row_of("budget", request) | wanted)
            return Reservation.model_validate(noted or await effects.result_of(session, request))

    async def release(self, request: BudgetRequest) -> None:
        """Undo the reservation of this key, once."""
        async with self._database.transaction(request.tenant) as session:
            undone = await effects.undo(session, "budget", request)
            if undone and undone.get("reserved"):
                mine = Budget.cost_centre == request.cost_centre
                given_back = Budget.reserved - request.total.amount
                await session.execute(update(Budget).where(mine).values(reserved=given_back))
