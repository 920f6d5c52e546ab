"""Work that is finished although the case is cancelled meanwhile."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def shielded(work: Coroutine[Any, Any, Result]) -> Result:
    """Finish the work before going on. `asyncio.shield` alone would let the waiting end, and with it the case.

    A cancellation that comes meanwhile may be dropped: the caller is on its way out already.
    """
    try:
        task = asyncio.ensure_future(work)
    except BaseException:  # the worker evicts the case from its memory: not an Exception, and no task can start
        work.close()
        raise
    while True:
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.done():
                raise
