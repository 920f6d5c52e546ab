"""Waiting for something to become true, with a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")


async def eventually(find: Callable[[], Awaitable[Found | None]], seconds: float = 20, every: float = 0.02) -> Found:
    """Poll `find` until it returns something true, and return it; AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = await find()
        if found:
            return found
        await asyncio.sleep(every)
    raise AssertionError(f"not true within {seconds} s: {find}")
