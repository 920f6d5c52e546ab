"""The relay: order, retries, leases and permanent failures."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select, text, update

from backend.cases.outbox.outbox import Message, outbox_status, set_aside, try_again
from backend.cases.outbox.relay import PermanentFailure, Relay
from backend.database.engine import Database
from backend.database.tables import Case, OutboxRow
from tests.support.conditions import eventually
from tests.support.outbox import a_case


class Post:
    """A destination for outbox rows that fails a set number of times and records the rows it accepted."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.taken: list[int] = []
        self._failures = failures
        self._error = error or ConnectionError()

    async def __call__(self, row: OutboxRow) -> str | None:
        await asyncio.sleep(0)
        if self._failures:
            self._failures -= 1
            raise self._error
        self.taken.append(row.id or 0)
        return "run" if row.kind == Message.START else None


async def rows(database: Database) -> list[OutboxRow]:
    async with database.across_tenants() as session:
        return list(await session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


@asynccontextmanager
async def relaying(database: Database, *posts: Post) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = [asyncio.create_task(Relay(database, post).run(stop)) for post in posts]
    yield
    stop.set()
    await asyncio.gather(*running)


async def all_sent(database: Database) -> bool:
    found = await outbox_status(database)
    return not found.waiting


async def test_rows_of_a_case_go_in_order_even_through_failures_and_two_relays(database: Database) -> None:
    for _ in range(10):
        await a_case(database, Message.DECIDE, Message.AMEND, Message.RECALL)
    one, two = Post(failures=3), Post(failures=3)
    async with relaying(database, one, two):
        await eventually(lambda: all_sent(database))
    sent = await rows(database)
    assert len(sent) == 40
    assert sorted(one.taken + two.taken) == [row.id for row in sent]
    for case in {row.case_id for row in sent}:
        moments = [row.sent_at.timestamp() if row.sent_at else 0 for row in sent if row.case_id == case]
        assert moments == sorted(moments)
        assert min(moments) > 0


async def test_a_start_notes_its_run(database: Database) -> None:
    case = await a_case(database)
    async with relaying(database, Post()):
        await eventually(lambda: all_sent(database))
    async with database.across_tenants() as session:
        assert (await session.get_one(Case, case.id)).run_id == "run"


async def test_what_a_dead_relay_claimed_goes_out_when_its_lease_ends(database: Database) -> None:
    await a_case(database)
    async with database.across_tenants() as session:
        claimed = {"due_at": text("clock_timestamp() + interval '1 second'"), "attempts": 1}
        await session.execute(update(OutboxRow).values(claimed))
    post = Post()
    async with relaying(database, post):
        await eventually(lambda: all_sent(database))
    assert len(post.taken) == 1
    assert (await rows(database))[0].attempts == 2


async def test_what_can_never_work_is_set_aside_shown_and_tried_again_on_demand(database: Database) -> None:
    case = await a_case(database)

    async def aside() -> list[OutboxRow]:
        return await set_aside(database)

    async with relaying(database, Post(failures=1, error=PermanentFailure("There is no such process any more."))):
        found = await eventually(aside)
    assert [row.error for row in found] == ["There is no such process any more."]
    assert not (await outbox_status(database)).ok
    async with database.across_tenants() as session:
        assert "no such process" in str((await session.get_one(Case, case.id)).attention)
    assert len(await try_again(database)) == 1
    async with relaying(database, Post()):
        await eventually(lambda: all_sent(database))
    async with database.across_tenants() as session:
        assert (await session.get_one(Case, case.id)).attention is None
