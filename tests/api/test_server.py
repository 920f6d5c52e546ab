"""The connections of a web process: slow, endless and too many ones end, and cost the others nothing."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from backend.api.routes.core.middleware import RequestHeaders
from backend.api.routes.core.request_bodies import BodyLimit
from backend.api.server import connection_of, server_config
from backend.database.engine import Database
from backend.embedded.postgres import EmbeddedPostgres
from backend.settings import Settings
from tests.support.conditions import eventually
from tests.support.web import web_settings

SHORT = {"grace": 0.4, "look": 0.05}
Serve = Callable[..., AbstractAsyncContextManager[int]]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of the body."""
    if scope["type"] == "http":
        body = await Request(scope, receive).body()
        await PlainTextResponse(str(len(body)))(scope, receive, send)


@asynccontextmanager
async def serving(app: Any = echo, *, settings: Settings | None = None, **limits: Any) -> AsyncIterator[int]:
    """A server of these limits; its port."""
    kind = connection_of(settings or Settings(), **limits)
    wrapped = RequestHeaders(BodyLimit(app, limit=10**6, form_limit=10**6, upload_limit=10**7), https=False)
    config = uvicorn.Config(wrapped, http=kind, ws="none", lifespan="off", log_config=None, proxy_headers=False)
    async with running(config) as port:
        yield port


@asynccontextmanager
async def running(config: uvicorn.Config) -> AsyncIterator[int]:
    """A server with this configuration; its port."""
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    serving_it = asyncio.create_task(server.serve([listening]))

    async def started() -> bool:
        return server.started

    await eventually(started)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving_it


async def sent(port: int, *parts: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    return reader, writer


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    """All that the server says until it closes the connection, which resets what it has not read."""
    said = b""
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            while part := await reader.read(1000):
                said += part
    return said


SLOW_BODY = b"POST / HTTP/1.1\r\nhost: desk\r\ncontent-length: 100\r\n\r\nx"
HALF_A_SIGN_IN = (
    b"POST /login HTTP/1.1\r\nhost: 127.0.0.1:8000\r\norigin: http://127.0.0.1:8000\r\n"
    b"content-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\nname=ann&pass"
)
CLIENTS, LEFT = 200, "client left"


@pytest.mark.parametrize("start", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nhost: de", SLOW_BODY])
async def test_a_request_that_does_not_arrive_ends(start: bytes) -> None:
    async with serving(**SHORT) as port:
        reader, writer = await sent(port, start)
        assert (await until_closed(reader)).startswith(b"HTTP/1.1 408")
        writer.close()


async def test_a_body_that_trickles_ends_though_something_arrives_all_the_time() -> None:
    async with serving(**SHORT) as port:
        reader, writer = await sent(port, SLOW_BODY)

        async def trickle() -> None:
            with contextlib.suppress(OSError):
                while True:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        assert (await until_closed(reader)).startswith(b"HTTP/1.1 408")
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)
        writer.close()


async def test_a_body_in_time_is_answered_whatever_slow_ones_do() -> None:
    async with serving(grace=30) as port:
        slow = [await sent(port, SLOW_BODY) for _ in range(100)]
        reader, writer = await sent(port, b"POST / HTTP/1.1\r\nhost: desk\r\ncontent-length: 3\r\n\r\n", b"abc")
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        for _, each in [*slow, (reader, writer)]:
            each.close()


@pytest.mark.parametrize("header", [b"x: " + b"a" * 200_000, b"\r\n".join(b"x%d: y" % n for n in range(20_000))])
async def test_headers_that_do_not_end_are_refused(header: bytes) -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError):
            for start in range(0, len(header), 1000):
                writer.write((b"" if start else b"GET / HTTP/1.1\r\nhost: desk\r\n") + header[start : start + 1000])
                await writer.drain()
                await asyncio.sleep(0)
        said = await until_closed(reader)
        assert said.startswith(b"HTTP/1.1 431") or not said
        writer.close()


async def test_headers_that_are_complete_but_large_are_refused() -> None:
    async with serving() as port:
        large = b"GET / HTTP/1.1\r\nhost: desk\r\nconnection: close\r\ncookie: " + b"a" * 40_000 + b"\r\n\r\n"
        reader, writer = await sent(port, large)
        assert (await until_closed(reader)).startswith(b"HTTP/1.1 431")
        writer.close()


async def test_one_address_has_no_more_than_its_share_of_the_connections() -> None:
    async with serving(settings=Settings(max_connections=8)) as port:
        opened = [await sent(port) for _ in range(3)]
        assert await until_closed(opened[2][0]) == b""
        opened[0][1].close()
        await opened[0][1].wait_closed()
        await asyncio.sleep(0.05)
        reader, writer = await sent(port, b"GET / HTTP/1.1\r\nhost: desk\r\n\r\n")
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        for _, each in [*opened, (reader, writer)]:
            each.close()


async def test_a_trusted_proxy_may_have_all_connections_and_no_more() -> None:
    async with serving(settings=Settings(max_connections=8, trusted_proxies="127.0.0.0/8")) as port:
        opened = [await sent(port) for _ in range(9)]
        assert await until_closed(opened[8][0]) == b""
        opened[7][1].write(b"GET / HTTP/1.1\r\nhost: desk\r\n\r\n")
        async with asyncio.timeout(5):
            assert (await opened[7][0].readline()).startswith(b"HTTP/1.1 200")
        for _, each in opened:
            each.close()


async def test_clients_that_leave_in_the_middle_are_one_debug_line_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    answered = 0

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal answered
        await echo(scope, receive, send)
        answered += 1

    async with serving(counting) as port:
        await many_leave(port, SLOW_BODY, caplog)
    assert answered == 0
    one_debug_line_each(caplog)


async def test_clients_that_leave_while_they_sign_in_are_one_debug_line_each_of_the_whole_app(
    cluster: EmbeddedPostgres, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with running(server_config(web_settings(cluster.app_url, tmp_path))) as port:
        await many_leave(port, HALF_A_SIGN_IN, caplog)
        reader, writer = await sent(port, b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:8000\r\n\r\n")
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()
    one_debug_line_each(caplog)


async def many_leave(port: int, start: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Clients that send no more than the start of a request, until all are noticed."""
    for _ in range(CLIENTS):
        _, writer = await sent(port, start)
        writer.close()

    async def all_noticed() -> bool:
        return sum(LEFT in line for line in caplog.messages) >= CLIENTS

    await eventually(all_noticed)


def one_debug_line_each(caplog: pytest.LogCaptureFixture) -> None:
    ours = [record for record in caplog.records if LEFT in record.getMessage()]
    assert len(ours) == CLIENTS
    assert all(record.levelname == "DEBUG" and record.exc_info is None for record in ours)
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]
