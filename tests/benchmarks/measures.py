"""The benchmarks: each runs the same work with Countersign and by hand, and reports the ratio."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from backend.embedded.ports import accepts_connections, free_port
from tests.benchmarks import by_hand
from tests.benchmarks.desk import ASKED, LOOK_EVERY, Desk, expect, hang_up, memory, open_one, until
from tests.benchmarks.load import Connection, Rate, burst, for_seconds
from tests.support.conditions import eventually
from tests.support.running import Running

ROUNDS = 5
CONNECTIONS = 50
OPENED = 300
ROUND_TRIPS = 200
POLL_SECONDS = 8.0
CASES = 200
DECIDERS = 10
OK = 200
MEGABYTES = 200
_OPEN = """
    SELECT a.id, a.version, c.reference FROM approvals a JOIN cases c ON c.id = a.case_id
    WHERE a.state = 'open' AND c.reference = ANY($1)
"""
_ORDERED = "SELECT count(*) FROM cases WHERE outcome = 'ordered' AND reference = ANY($1)"


@dataclass(frozen=True)
class Finding:
    """One benchmark result: the ratio, its promise, and the measured values."""

    name: str
    found: float
    promised: float
    at_least: bool
    detail: str

    @property
    def kept(self) -> bool:
        """Whether this run keeps the promise."""
        return self.found >= self.promised if self.at_least else self.found <= self.promised


@asynccontextmanager
async def a_process(*arguments: str, **environment: str) -> AsyncIterator[int]:
    """Run a helper of the benchmark in a separate process and yield its pid."""
    process = subprocess.Popen([sys.executable, "-m", *arguments], env=os.environ | environment)  # noqa: ASYNC220
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


async def opening(desk: Desk) -> list[Finding]:
    """Acceptance over REST compared with a start by the bare client, and the time until the approval is open."""
    accepted, started, opened, asked = [], [], [], []
    for _ in range(ROUNDS):
        started.append(await burst(OPENED, lambda _: _discard(by_hand.start(desk.bare)), at_once=CONNECTIONS))
        asked.append((await burst(OPENED, lambda _: by_hand.open_by_hand(desk.bare), at_once=CONNECTIONS)).per_second)
        rate, until_open = await _open_until_asked(desk)
        accepted.append(rate)
        opened.append(until_open)
    ours, theirs = _middle(accepted), _middle(started)
    return [
        Finding(
            "accepted over REST / bare start_workflow, per second",
            ours.per_second / theirs.per_second, 2.0, at_least=True,
            detail=f"{ours.per_second:.0f}/s, {theirs.per_second:.0f}/s",
        ),
        Finding(
            "the same, 95th percentile", ours.p95 / theirs.p95, 1 / 3, at_least=False,
            detail=f"{ours.p95 * 1000:.0f} ms, {theirs.p95 * 1000:.0f} ms",
        ),
        Finding(
            "until the approval is open / by hand", median(opened) / median(asked), 0.8, at_least=True,
            detail=f"{median(opened):.0f}/s, {median(asked):.0f}/s",
        ),
    ]  # fmt: skip


async def _discard(work: Awaitable[object]) -> None:
    await work


def _middle(rates: list[Rate]) -> Rate:
    return Rate(median(rate.per_second for rate in rates), median(rate.p95 for rate in rates))


async def _open_until_asked(desk: Desk) -> tuple[Rate, float]:
    """Open this many cases; the rate of acceptance and the rate of opened approvals."""
    opened: list[str] = []
    connections = desk.connections("ann", CONNECTIONS)
    loop = asyncio.get_running_loop()
    began = loop.time()
    rate = await burst(OPENED, lambda _: _ask(connections, opened), at_once=CONNECTIONS)
    async with desk.database() as database:
        await until(database, ASKED, opened, OPENED)
    length = loop.time() - began
    hang_up(connections)
    return rate, OPENED / length


async def round_trips(desk: Desk) -> list[Finding]:
    """Open, approve and order, compared with start, signal and two activities by hand."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(
            (await burst(ROUND_TRIPS, lambda _: by_hand.round_trip(desk.bare), at_once=CONNECTIONS)).per_second
        )
        ours.append(await _purchases(desk))
    return [
        Finding(
            "round trips / by hand", median(ours) / median(theirs), 0.8, at_least=True,
            detail=f"{median(ours):.0f}/s, {median(theirs):.0f}/s",
        )
    ]  # fmt: skip


async def _purchases(desk: Desk) -> float:
    """Purchases per second from submission to order, each approved over REST as soon as it is open."""
    opened: list[str] = []
    askers, deciders = desk.connections("ann", CONNECTIONS), desk.connections("mona", DECIDERS)
    loop = asyncio.get_running_loop()
    began = loop.time()
    asking = asyncio.create_task(burst(ROUND_TRIPS, lambda _: _ask(askers, opened), at_once=CONNECTIONS))
    async with desk.database() as database:
        decided: set[str] = set()
        while len(decided) < ROUND_TRIPS:
            fresh = [row for row in await database.fetch(_OPEN, opened) if row["reference"] not in decided]
            await asyncio.gather(*(_approve(each, fresh[n::DECIDERS]) for n, each in enumerate(deciders)))
            decided |= {row["reference"] for row in fresh}
            await asyncio.sleep(LOOK_EVERY)
        await until(database, _ORDERED, opened, ROUND_TRIPS)
    length = loop.time() - began
    await asking
    hang_up([*askers, *deciders])
    return ROUND_TRIPS / length


async def _ask(free: list[Connection], opened: list[str]) -> None:
    connection = free.pop()
    opened.append(await open_one(connection))
    free.append(connection)


async def _approve(connection: Connection, rows: list[Any]) -> None:
    for row in rows:
        body = {"decision": "approve", "comment": "", "version": row["version"]}
        expect(await connection.ask("POST", f"/api/v1/approvals/{row['id']}/decision", body), OK)


async def polling(desk: Desk) -> list[Finding]:
    """Polls of one case and of 200 by 50 clients, compared with a route that queries the workflow each time."""
    opener = desk.connections("ann", 1)[0]
    references = [await open_one(opener) for _ in range(CASES)]
    opener.close()
    async with desk.database() as database:
        await until(database, ASKED, references, CASES)
    ids = [f"default.purchase_approval.{reference}" for reference in references]
    one, many, naive_one, naive_many = [], [], [], []
    port = free_port()
    async with a_process("tests.benchmarks.asking_each_time", str(port), **desk.running.environment):
        await eventually(lambda: asyncio.to_thread(accepts_connections, port))
        for _ in range(ROUNDS):
            naive_one.append(await _poll(_strangers(port), lambda _: f"/{ids[0]}"))
            naive_many.append(await _poll(_strangers(port), lambda n: f"/{ids[n % CASES]}"))
            one.append(await _poll(desk.connections("ann", CONNECTIONS), lambda _: _progress(references[0])))
            many.append(await _poll(desk.connections("ann", CONNECTIONS), lambda n: _progress(references[n % CASES])))
    return [
        Finding(
            "polls of one case / query each time", median(one) / median(naive_one), 20, at_least=True,
            detail=f"{median(one):.0f}/s, {median(naive_one):.0f}/s",
        ),
        Finding(
            "polls of 200 cases / query each time", median(many) / median(naive_many), 5, at_least=True,
            detail=f"{median(many):.0f}/s, {median(naive_many):.0f}/s",
        ),
    ]  # fmt: skip


def _strangers(port: int) -> list[Connection]:
    return [Connection(f"http://127.0.0.1:{port}", {}) for _ in range(CONNECTIONS)]


def _progress(reference: str) -> str:
    return f"/api/v1/cases/{reference}/progress"


async def _poll(clients: list[Connection], path: Callable[[int], str]) -> float:
    tags: dict[str, str] = {}
    turn = iter(range(10**9))

    async def one(number: int) -> None:
        where = path(next(turn))
        answer = await clients[number].ask("GET", where, headers={"If-None-Match": tags.get(where, "-")})
        assert answer.status in {200, 304}, answer
        tags[where] = answer.etag or "-"

    rate = await for_seconds(POLL_SECONDS, len(clients), one)
    hang_up(clients)
    return rate.per_second


def memories(running: Running) -> list[Finding]:
    """Resident memory of each process after all benchmarks."""
    return [
        Finding(f"memory of {part}", memory(pid), MEGABYTES, at_least=False, detail="MB")
        for part, pid in running.parts().items()
    ]
