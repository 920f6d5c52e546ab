"""Notices of other processes' commits, through PostgreSQL's LISTEN and NOTIFY."""

import asyncio
from collections.abc import Callable

import asyncpg

RECONNECT_SECONDS = 1.0
CONNECT_SECONDS = 3
LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def receive_notices(url: str, channel: str, receive: Callable[[str], None]) -> None:
    """Call `receive` with each payload until cancelled; connects again whenever the connection is lost.

    What is sent while it is lost never arrives, so a receiver also has to poll now and then.
    """
    while True:
        try:
            await _receive_until_lost(url, channel, receive)
        except LOST:
            await asyncio.sleep(RECONNECT_SECONDS)


async def _receive_until_lost(url: str, channel: str, receive: Callable[[str], None]) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=CONNECT_SECONDS)
    lost = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(channel, lambda *notice: receive(str(notice[-1])))
        await lost.wait()
    finally:
        await connection.close(timeout=1)
