"""The equipment store: set aside for somebody, handed out, returned."""

from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import text

from backend.database.engine import Database
from backend.services import effects
from backend.services.keyed import Keyed

KIND = "equipment"


class EquipmentRequest(Keyed):
    """What somebody needs."""

    items: list[str]


class ReservedEquipment(BaseModel):
    """The tag under which the equipment is set aside."""

    tag: str


class Equipment(Protocol):
    """Reserves, hands out and returns, each once per key."""

    async def reserve(self, request: EquipmentRequest) -> ReservedEquipment:
        """Set it aside; Refused for equipment that does not exist."""
        ...

    async def hand_out(self, request: EquipmentRequest) -> None:
        """Give it to its new user."""
        ...

    async def release(self, request: EquipmentRequest) -> None:
        """Release what this key reserved; does nothing if there is nothing."""
        ...


class PostgresEquipment:
    """The store in our own effects table; it has everything."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, request: EquipmentRequest) -> ReservedEquipment:
        """Reserve; the same key gets the same tag."""
        async with self._database.transaction(request.tenant) as session:
            number = await session.scalar(text("select nextval('case_numbers')"))
            await effects.first_time(session, KIND, request, ReservedEquipment(tag=f"EQ-{number:06d}"))
            return ReservedEquipment.model_validate(await effects.result_of(session, request))

    async def hand_out(self, request: EquipmentRequest) -> None:
        """Note that it was handed out."""
        async with self._database.transaction(request.tenant) as session:
            await effects.first_time(session, "equipment_handout", request)

    async def release(self, request: EquipmentRequest) -> None:
        """Release the reservation."""
        async with self._database.transaction(request.tenant) as session:
            await effects.undo(session, KIND, request)
