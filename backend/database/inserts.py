"""Add rows whose keys others may take at the same moment."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel


async def insert_new(session: AsyncSession, table: type[SQLModel], **values: Any) -> bool:
    """Insert a row; False if its key is taken, also by a transaction that commits meanwhile."""
    statement = insert(table).values(values).on_conflict_do_nothing()
    inserted: int = (await session.execute(statement)).rowcount
    return inserted == 1
