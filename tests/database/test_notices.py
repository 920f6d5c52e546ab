"""Notices are received again after the connection is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import text
from sqlalchemy.engine import make_url

from backend.database.engine import Database
from backend.database.notices import receive_notices
from backend.embedded.postgres import EmbeddedPostgres
from tests.support.conditions import eventually

CHANNEL = "countersign_test"


@asynccontextmanager
async def way_to(url: str, cut: list[bytes]) -> AsyncIterator[str]:
    """A proxy to the server that drops the connection at each of these words, once per word."""
    place = make_url(url)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, watched: bool) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if watched and cut and cut[0] in data:
                    cut.pop(0)
                    break
                writer.write(data)
        writer.close()

    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(place.host, place.port)
        await asyncio.gather(pass_on(reader, back, watched=True), pass_on(there, writer, watched=False))
        writer.close()

    server = await asyncio.start_server(welcome, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield place.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)


async def test_a_connection_that_is_lost_before_it_receives_is_made_again(
    cluster: EmbeddedPostgres, database: Database
) -> None:
    received: list[str] = []

    async def notified() -> bool:
        async with database.across_tenants() as session:
            await session.execute(text(f"NOTIFY {CHANNEL}, 'payload'"))
        return bool(received)

    async with way_to(cluster.app_url, [b"LISTEN"]) as url:
        receiving = asyncio.create_task(receive_notices(url, CHANNEL, received.append))
        try:
            await eventually(notified)
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
    assert set(received) == {"payload"}
