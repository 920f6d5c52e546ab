"""`@concluded`: what the base class does around the `run` of a case or of a child."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Protocol, TypeVar

End = TypeVar("End")
Given = TypeVar("Given")


class _Concludes(Protocol[End]):
    async def conclude(self, run: Awaitable[End]) -> End: ...


Self_ = TypeVar("Self_", bound=_Concludes[Any])


def concluded(
    run: Callable[[Self_, Given], Coroutine[Any, Any, End]],
) -> Callable[[Self_, Given], Coroutine[Any, Any, End]]:
    """Run a process to its end: its base class undoes, reports and words whatever ends it.

    Wraps `run` inside `@workflow.run`, so that `run` says what the process does and nothing else.
    """

    @wraps(run)
    async def run_to_its_end(self: Self_, given: Given) -> End:
        end: End = await self.conclude(run(self, given))
        return end

    return run_to_its_end
