"""The embedded PostgreSQL."""

import asyncio
import os
import signal
import threading

import asyncpg
import pytest

from backend.commands.up import _supervise
from backend.embedded.child import StartFailed
from backend.embedded.ports import accepts_connections
from backend.embedded.postgres import EmbeddedPostgres
from tests.support.conditions import eventually
from tests.support.folders import data_folder


def test_it_says_why_it_cannot_be_made() -> None:
    with data_folder() as folder:
        (folder / "owner.password").write_text("")
        with pytest.raises(StartFailed, match=r"initdb did not start(.|\n)*initial.password\" is empty"):
            EmbeddedPostgres(folder).start()


LONG_WORK = "SELECT count(*) FROM generate_series(1, 50000) a, generate_series(1, 50000) b"


async def _works(server: EmbeddedPostgres) -> bool:
    """Whether the long query is running."""
    looking = await asyncpg.connect(server.owner_url.replace("+asyncpg", ""))
    try:
        working = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = $1"
        return bool(await looking.fetchval(working, LONG_WORK))
    finally:
        await looking.close()


def _pid(server: EmbeddedPostgres) -> int:
    assert server.child.process is not None
    return server.child.process.pid


async def test_one_that_is_killed_comes_back_when_those_who_worked_for_it_have_ended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with data_folder() as folder:
        server, stop = EmbeddedPostgres(folder, durable=False).start(), threading.Event()
        connection = await asyncpg.connect(server.owner_url.replace("+asyncpg", ""))
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        busy = asyncio.create_task(connection.fetchval(LONG_WORK))
        await eventually(lambda: _works(server))
        os.kill(_pid(server), signal.SIGKILL)
        watching = asyncio.create_task(asyncio.to_thread(_supervise, [], [server], {}, stop))

        async def tried_in_vain() -> bool:
            return "retrying" in capsys.readouterr().out

        async def back() -> bool:
            return not server.child.exited and accepts_connections(server.port)

        try:
            await eventually(tried_in_vain)
            os.kill(backend, signal.SIGKILL)
            await eventually(back)
        finally:
            stop.set()
            await asyncio.gather(watching, busy, return_exceptions=True)
            connection.terminate()
            server.stop()
