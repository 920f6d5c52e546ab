"""Being woken by other processes' commits, through PostgreSQL's NOTIFY."""

import asyncio
from collections.abc import Callable

import asyncpg

AGAIN_SECONDS = 1.0
CONNECT_SECONDS = 3


async def listen(url: str, channel: str, heard: Callable[[str], None]) -> None:
    """Call `heard` with each payload until cancelled; connects again whenever the connection is lost.

    What was sent while it was lost is never heard, so who waits has to look by itself now and then.
    """
    while True:
        try:
            connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=CONNECT_SECONDS)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            await asyncio.sleep(AGAIN_SECONDS)
            continue
        gone = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _, gone=gone: gone.set())
            await connection.add_listener(channel, lambda *said: heard(str(said[-1])))
            await gone.wait()
        finally:
            await connection.close(timeout=1)
