"""Budgets of cost centres."""

from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.engine import Database
from backend.database.tables import Budget, Effect
from backend.kit.money import Money


class BudgetRequest(BaseModel):
    """How much to reserve on which cost centre; the key is `{reference}:{step}`."""

    tenant: str
    key: str
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
            if not await self._first_time(session, request):
                effect = await session.get_one(Effect, (request.tenant, request.key))
                return Reservation.model_validate(effect.result)
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
            effect = await session.get_one(Effect, (request.tenant, request.key))
            effect.result = answer.model_dump()
            return answer

    async def _first_time(self, session: AsyncSession, request: BudgetRequest) -> bool:
        row = {
            "tenant_id": request.tenant,
            "key": request.key,
            "kind": "budget",
            "request": request.model_dump(mode="json"),
            "result": {},
        }
        added = await session.execute(insert(Effect).values(row).on_conflict_do_nothing())
        return bool(added.rowcount == 1)

    async def release(self, request: BudgetRequest) -> None:
        """Undo the reservation of this key, once."""
        async with self._database.transaction(request.tenant) as session:
            undone = await session.execute(
                update(Effect)
                .where(Effect.key == request.key, Effect.undone_at.is_(None))
                .values(undone_at=func.clock_timestamp())
                .returning(Effect.result)
            )
            row = undone.first()
            if row is None or not row[0].get("reserved"):
                return
            await session.execute(
                update(Budget)
                .where(Budget.cost_centre == request.cost_centre)
                .values(reserved=Budget.reserved - request.total.amount)
            )
