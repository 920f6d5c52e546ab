"""Desks: one for every employee."""

from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import select, text

from backend.database.engine import Database
from backend.database.tables import Effect
from backend.services import effects
from backend.services.keyed import Keyed

KIND = "workplace"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('countersign.workplaces'), hashtext(:tenant))")


class WorkplaceRequest(Keyed):
    """The department that needs a desk."""

    department: str


class Workplace(BaseModel):
    """The desk that was assigned, by its number in the department."""

    department: str
    number: int


class Workplaces(Protocol):
    """Assigns and releases desks, each once per key."""

    async def assign(self, request: WorkplaceRequest) -> Workplace:
        """Assign a desk; Refused if the department is full."""
        ...

    async def release(self, request: WorkplaceRequest) -> None:
        """Release the desk of this key; does nothing if it has none."""
        ...


class PostgresWorkplaces:
    """Desks in our own effects table, numbered in each department."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def assign(self, request: WorkplaceRequest) -> Workplace:
        """Assign the lowest free number; the same key gets the same desk."""
        async with self._database.transaction(request.tenant) as session:
            await session.execute(_ONE_AT_A_TIME, {"tenant": request.tenant})
            here = Effect.request["department"].astext == request.department
            rows = select(Effect.result).where(Effect.kind == KIND, here, Effect.undone_at.is_(None))
            taken = {Workplace.model_validate(result).number for result in await session.scalars(rows)}
            free = next(number for number in range(1, len(taken) + 2) if number not in taken)
            await effects.first_time(session, KIND, request, Workplace(department=request.department, number=free))
            return Workplace.model_validate(await effects.result_of(session, request))

    async def release(self, request: WorkplaceRequest) -> None:
        """Release it."""
        async with self._database.transaction(request.tenant) as session:
            await effects.undo(session, KIND, request)
