"""An HTTP/1.1 load generator in one process, with as little work per request as asyncio allows."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Rate:
    """The result of a burst: operations per second, and the 95th percentile in seconds."""

    per_second: float
    p95: float


@dataclass(frozen=True)
class Answer:
    """Status, body and ETag of one response."""

    status: int
    body: bytes
    etag: str

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Connection:
    """One keep-alive connection."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        place = urlsplit(address)
        self._host, self._port = place.hostname or "", place.port or 80
        self._fixed = "".join(f"{name}: {value}\r\n" for name, value in {"Host": place.netloc, **headers}.items())
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and read the response."""
        content = json.dumps(body).encode() if body is not None else b""
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        if content:
            more += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        request = f"{method} {path} HTTP/1.1\r\n{self._fixed}{more}\r\n".encode() + content
        try:
            return await self._exchange(request)
        except (asyncio.IncompleteReadError, ConnectionError):
            # The server hangs up on connections that were idle; every request here is safe to repeat.
            self.close()
            return await self._exchange(request)

    async def _exchange(self, request: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        known = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        length = int(known.get("content-length", "0"))
        return Answer(int(head[0].split()[1]), await reader.readexactly(length), known.get("etag", ""))

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def burst(count: int, one: Callable[[int], Awaitable[None]], *, at_once: int) -> Rate:
    """Call `one` this many times, with limited concurrency."""
    numbers = iter(range(count))
    lengths: list[float] = []

    async def worker() -> None:
        for number in numbers:
            began = time.perf_counter()
            await one(number)
            lengths.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return Rate(count / (time.perf_counter() - began), percentile(lengths))


async def for_seconds(seconds: float, clients: int, one: Callable[[int], Awaitable[None]]) -> Rate:
    """Call `one` repeatedly from several clients."""
    lengths: list[float] = []
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        while (began := time.perf_counter()) < end:
            await one(number)
            lengths.append(time.perf_counter() - began)

    await asyncio.gather(*(client(number) for number in range(clients)))
    return Rate(len(lengths) / seconds, percentile(lengths))


def percentile(lengths: list[float]) -> float:
    """The 95th percentile."""
    return sorted(lengths)[int(len(lengths) * 0.95)] if lengths else 0.0
