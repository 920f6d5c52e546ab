"""Budgets of cost centres."""

from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import update

from backend.database.engine import Database
from backend.database.tables import Budget
from backend.kit.money import Money
from backend.services import effects
from backend.services.keyed import Keyed


class BudgetRequest(Keyed):
    """How much to reserve on which cost centre."""

    cost_centre: str
    total: Money


class Reservation(BaseModel):
    """Whether the money is reserved; if not, the cost centre had too little left."""

    reserved: bool


class Budgets(Protocol):
    """Reserves and releases, each once a key."""

    async def reserve(self, request: BudgetRequest) -> Reservation:
        """Reserve if enough is left."""
        ...

    async def release(self, request: BudgetRequest) -> None:
        """Give back what was reserved."""
        ...


class PostgresBudgets:
    """Budgets in our own tables: the balance and the key change in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, request: BudgetRequest) -> Reservation:
        """Reserve in one atomic update; the same key gets the same answer."""
        async with self._database.transaction(request.tenant) as session:
            if not await effects.first_time(session, "budget", request):
                return Reservation.model_validate(await effects.result_of(session, request))
            taken = await session.execute(
                update(Budget)
                .where(
                    Budget.cost_centre == request.cost_centre,
                    Budget.currency == request.total.currency,
                    Budget.reserved + request.total.amount <= Budget.amount,
                )
                .values(reserved=Budget.reserved + request.total.amount)
            )
            answer = Reservation(reserved=taken.rowcount == 1)
            await effects.settle(session, request, answer)
            return answer

    async def release(self, request: BudgetRequest) -> None:
        """Undo the reservation of this key, once."""
        async with self._database.transaction(request.tenant) as session:
            undone = await effects.undo(session, "budget", request)
            if undone and undone.get("reserved"):
                mine = Budget.cost_centre == request.cost_centre
                given_back = Budget.reserved - request.total.amount
                await session.execute(update(Budget).where(mine).values(reserved=given_back))
