"""Work that goes on to its end although the case is cancelled meanwhile."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def shielded(work: Coroutine[Any, Any, Result]) -> Result:
    """Do it to its end, and only then go on. `asyncio.shield` alone lets the waiting end, and with it the case.

    A cancellation that comes meanwhile has done its part by then: whoever waits here is on the way out already.
    """
    try:
        task = asyncio.ensure_future(work)
    except BaseException:
        work.close()  # the case only leaves this worker's memory, so nothing begins any more
        raise
    while True:
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.done():
                raise
