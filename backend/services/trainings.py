"""Trainings: a place in the course that a role needs."""

from typing import Protocol

from pydantic import BaseModel

from backend.database.engine import Database
from backend.services import effects
from backend.services.keyed import Keyed

KIND = "training"


class TrainingRequest(Keyed):
    """The role to train for."""

    role: str


class Training(BaseModel):
    """The course that was booked."""

    course: str


class Trainings(Protocol):
    """Books and cancels places, each once per key."""

    async def book(self, request: TrainingRequest) -> Training:
        """Book a place; Refused if there is no course for the role."""
        ...

    async def cancel(self, request: TrainingRequest) -> None:
        """Cancel the booking of this key; does nothing if there is none."""
        ...


class PostgresTrainings:
    """Bookings in our own effects table; each role has a course."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def book(self, request: TrainingRequest) -> Training:
        """Book; the same key gets the same course."""
        return await effects.once(self._database, KIND, request, Training(course=f"First weeks as {request.role}"))

    async def cancel(self, request: TrainingRequest) -> None:
        """Cancel it."""
        async with self._database.transaction(request.tenant) as session:
            await effects.undo(session, KIND, request)
