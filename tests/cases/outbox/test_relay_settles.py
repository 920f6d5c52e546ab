"""The relay records deliveries without deadlocks, and continues if that fails."""

import asyncio
from uuid import uuid4

from sqlalchemy import select, text

from backend.cases.outbox.outbox import outbox_status
from backend.cases.outbox.relay import Landing, Relay
from backend.database.engine import Database
from backend.database.tables import Case, OutboxRow
from tests.support.approvals import a_case
from tests.support.conditions import eventually


async def no_errand(row: OutboxRow) -> str | None:
    """Accept every row."""
    return f"run of {row.id}"


async def test_it_locks_cases_in_the_order_in_which_everybody_does(database: Database) -> None:
    for requester in ("mona", "ann"):  # by their people, and as they landed, they come the other way round
        await a_case(database, requester=requester)
    relay = Relay(database, no_errand)
    rows = sorted(await relay._settle_and_claim(10), key=lambda row: row.case_id)  # noqa: SLF001 - one turn of the relay
    first, last = rows
    relay._landed = [Landing(last, run_id="run"), Landing(first, run_id="run")]  # noqa: SLF001
    locked = select(Case.id).with_for_update(nowait=True)

    async def waits() -> bool:
        async with database.across_tenants() as session:
            return bool(await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    async with database.across_tenants() as session:
        await session.execute(locked.where(Case.id == first.case_id))
        settling = asyncio.create_task(relay._settle_and_claim(10))  # noqa: SLF001
        await eventually(waits)
        await session.execute(locked.where(Case.id == last.case_id))
    await settling
    async with database.across_tenants() as session:
        assert list(await session.scalars(select(Case.run_id))) == ["run", "run"]


async def test_what_it_cannot_write_down_stops_nothing_else(database: Database) -> None:
    await a_case(database)
    relay, stop = Relay(database, no_errand), asyncio.Event()
    astray = OutboxRow(id=0, tenant_id="default", case_id=uuid4(), kind="start", workflow_id="astray")
    relay._landed = [Landing(astray, never="Its case is gone.")]  # noqa: SLF001
    running = asyncio.create_task(relay.run(stop))

    async def sent() -> bool:
        return bool((await outbox_status(database)).sent)

    await eventually(sent)
    stop.set()
    await running
