"""A saga: steps that are undone in reverse order when a later one fails for good, or the case is taken back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityCancellationType, ActivityConfig, ActivityHandle

with workflow.unsafe.imports_passed_through():
    from backend.kit.case import CaseEnd
    from backend.workflows.core.retry_policies import UNDO
    from backend.workflows.core.shield import shielded

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class Stopped(Exception):
    """The case ends here, in this way; what was done is undone on the way out."""

    def __init__(self, end: CaseEnd) -> None:
        super().__init__(end.outcome)
        self.end = end


@dataclass(frozen=True)
class Undone:
    """What became of one step on the way back: its name, its key, and why it could not be undone if it could not."""

    name: str
    key: str
    told: str
    why_not: str = ""


@dataclass(frozen=True)
class _Step:
    name: str
    key: str
    told: str
    undo: Callable[[], Awaitable[None]]


async def _say_nothing(_: Undone) -> None:
    """Nobody listens."""


def _nobody_stops() -> CaseEnd | None:
    """Nothing takes the case back."""
    return None


def _something_happened(_: Any) -> bool:
    """Most answers mean that the step had its effect."""
    return False


class Saga:
    """`async with Saga() as saga`: what fails inside, is stopped or cancelled, is undone on the way out.

    `tell` hears of every step on the way back. `stopped_by` is asked while a step runs: once it names an end, the step
    is cancelled, or its effect undone if it came too late for that, and the case ends in that way.
    """

    def __init__(
        self,
        tell: Callable[[Undone], Awaitable[None]] = _say_nothing,
        stopped_by: Callable[[], CaseEnd | None] = _nobody_stops,
    ) -> None:
        self._tell = tell
        self._stopped_by = stopped_by
        self._steps: list[_Step] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A worker that puts a running case away ends its coroutines with GeneratorExit; the case goes on elsewhere.
        if error is not None and not isinstance(error, GeneratorExit):
            # Cancelling the case must not stop the clearing up, nor end the case before it is done.
            await shielded(self._compensate())

    async def do(
        self,
        action: Callable[[Argument], Awaitable[Result]],
        argument: Argument,
        *,
        undo: Callable[[Argument], Awaitable[None]] | None,
        config: ActivityConfig,
        nothing_if: Callable[[Result], bool] = _something_happened,
        told: str = "",
    ) -> Result:
        """Do one step. Its undoing is noted first: a step whose answer was lost may have had its effect.

        `nothing_if` knows the answers after which there is nothing to undo. `told` is what the story says when it was
        undone.
        """
        self.stop_if_told()
        step = self._note(undo, argument, config, told) if undo else None
        careful = config.copy()
        # An attempt that still runs must have ended before its effect is undone.
        careful["cancellation_type"] = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
        result = await self._to_its_end(workflow.start_activity(action, argument, **careful))
        if step and nothing_if(result):
            self._steps.remove(step)
        return result

    def stop_if_told(self) -> None:
        """End the case here if something takes it back."""
        end = self._stopped_by()
        if end is not None:
            raise Stopped(end)

    def _note(
        self,
        undo: Callable[[Argument], Awaitable[None]],
        argument: Argument,
        config: ActivityConfig,
        told: str,
    ) -> _Step:
        name = getattr(undo, "__name__", "a step").replace("_", " ")

        async def undo_it() -> None:
            patiently = config.copy()
            patiently["retry_policy"] = UNDO
            await workflow.execute_activity(undo, argument, **patiently)

        step = _Step(name, str(getattr(argument, "key", "")), told or f"On the way back: {name}.", undo_it)
        self._steps.append(step)
        return step

    async def _to_its_end(self, handle: ActivityHandle[Result]) -> Result:
        try:
            await workflow.wait_condition(lambda: handle.done() or self._stopped_by() is not None)
            if not handle.done():
                handle.cancel()
            return await handle
        except asyncio.CancelledError:
            handle.cancel()
            await shielded(_ended(handle))
            raise
        except ActivityError as error:
            end = self._stopped_by()
            if end is not None:
                # Told to stop, it is not tried again: it may end as cancelled, or as the attempt whose worker fell.
                raise Stopped(end) from error
            raise

    async def _compensate(self) -> None:
        while self._steps:
            step = self._steps.pop()
            why_not = ""
            try:
                await step.undo()
            except ActivityError as error:
                why_not = str(getattr(error.cause, "message", "")) or "It failed again and again."
                workflow.logger.error("could not be done: %s", step.name)
            await self._tell(Undone(step.name, step.key, step.told, why_not))


async def _ended(handle: ActivityHandle[Any]) -> None:
    """Wait for the end of an activity, however it ends."""
    try:
        await handle
    except (ActivityError, asyncio.CancelledError) as error:
        workflow.logger.debug("ended on the way back: %s", type(error).__name__)
