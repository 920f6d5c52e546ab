"""Calendars that a test can change; the demo's calendar is restored afterwards."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete

from backend.database.demo_calendar import calendar_rows
from backend.database.engine import Database
from backend.database.tables import Holiday, WorkingHours


async def _empty(database: Database) -> None:
    async with database.across_tenants() as session:
        for table in (WorkingHours, Holiday):
            await session.execute(delete(table).where(table.tenant_id == "default"))


@pytest.fixture
async def empty_calendar(database: Database) -> AsyncIterator[Database]:
    """Neither hours nor holidays."""
    await _empty(database)
    yield database
    await _empty(database)
    async with database.across_tenants() as session:
        session.add_all(calendar_rows("default"))


@pytest.fixture
async def demo_calendar(database: Database) -> AsyncIterator[Database]:
    """The demo's calendar, for tests that change it."""
    yield database
    await _empty(database)
    async with database.across_tenants() as session:
        session.add_all(calendar_rows("default"))
