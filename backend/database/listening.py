"""Being woken by other processes' commits, through PostgreSQL's NOTIFY."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

AGAIN_SECONDS = 1.0
CONNECT_SECONDS = 3
LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def listen(url: str, channel: str, heard: Callable[[str], None]) -> None:
    """Call `heard` with each payload until cancelled; connects again whenever the connection is lost.

    What was sent while it was lost is never heard, so who waits has to look by itself now and then.
    """
    while True:
        try:
            await _listen_until_lost(url, channel, heard)
        except LOST:
            await asyncio.sleep(AGAIN_SECONDS)


async def _listen_until_lost(url: str, channel: str, heard: Callable[[str], None]) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=CONNECT_SECONDS)
    lost = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(channel, lambda *said: heard(str(said[-1])))
        await lost.wait()
    finally:
        await connection.close(timeout=1)


@asynccontextmanager
async def ringing(bell: asyncio.Event, url: str, channel: str, stop: asyncio.Event) -> AsyncIterator[None]:
    """The bell rings at each notice on this channel, and when it is time to stop, so that nobody rests beyond that."""

    async def ring_at_the_end() -> None:
        await stop.wait()
        bell.set()

    hearing = [
        asyncio.create_task(listen(url, channel, lambda _: bell.set())),
        asyncio.create_task(ring_at_the_end()),
    ]
    try:
        yield
    finally:
        for each in hearing:
            each.cancel()
        await asyncio.gather(*hearing, return_exceptions=True)
