"""Alembic's way to the database: the owner's URL, given by `countersign migrate`."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

target_metadata = SQLModel.metadata


def run(connection: Connection) -> None:
    """Migrate over one connection, all in one transaction."""
    context.configure(connection=connection, target_metadata=target_metadata, compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_run() -> None:
    """Open the owner's connection for as long as the migration takes."""
    engine = create_async_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(connect_and_run())
