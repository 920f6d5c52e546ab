"""Connections to the desk under test, and a bare client of its Temporal server."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
from temporalio.client import Client

from tests.benchmarks.load import Answer, Connection
from tests.support.conditions import eventually
from tests.support.purchases import purchase
from tests.support.running import Running

OPEN = "/api/v1/processes/purchase_approval/cases"
ACCEPTED = 202
LOOK_EVERY = 0.1  # seconds; looking costs the desk what it is measured by
ASKED = "SELECT count(*) FROM approvals a JOIN cases c ON c.id = a.case_id WHERE c.reference = ANY($1)"


@dataclass(frozen=True)
class Desk:
    """A running desk with API tokens, and a bare client of its Temporal server."""

    running: Running
    tokens: Mapping[str, str]
    bare: Client

    @classmethod
    async def of(cls, running: Running) -> "Desk":
        """A desk with tokens for ann and mona."""
        tokens = {
            name: running.countersign("token", "create", "--user", name, "--name", "bench") for name in ("ann", "mona")
        }
        known = running.environment
        bare = await Client.connect(known["COUNTERSIGN_TEMPORAL_ADDRESS"], namespace="countersign")
        return cls(running, tokens, bare)

    def connections(self, name: str, count: int) -> list[Connection]:
        """Keep-alive connections with the token of this person."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        return [Connection(self.running.address, headers) for _ in range(count)]

    @asynccontextmanager
    async def database(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """A database connection as the owner, who can see every row."""
        url = self.running.owner_url.replace("+asyncpg", "")
        connection = await asyncpg.connect(url)
        try:
            yield connection
        finally:
            await connection.close()


async def until(database: "asyncpg.Connection[asyncpg.Record]", query: str, given: list[str], count: int) -> None:
    """Wait until the query counts at least this many rows."""

    async def enough() -> bool:
        return bool(await database.fetchval(query, given) >= count)

    await eventually(enough, seconds=120, every=LOOK_EVERY)


def hang_up(connections: Iterable[Connection]) -> None:
    """Close these connections."""
    for connection in connections:
        connection.close()


async def open_one(connection: Connection) -> str:
    """Open a purchase over REST and return its reference."""
    answer = await connection.ask("POST", OPEN, purchase("10.00"), {"Idempotency-Key": str(uuid4())})
    expect(answer, ACCEPTED)
    return str(answer.json()["reference"])


def expect(answer: Answer, status: int) -> None:
    """AssertionError with the body if the status is unexpected."""
    assert answer.status == status, answer.body.decode()


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
