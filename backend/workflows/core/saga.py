"""A saga: steps that are undone in reverse order when a later one fails for good."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityConfig

from backend.workflows.core.retry_policies import UNDO

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class Saga:
    """`async with Saga() as saga`: what fails inside, or is cancelled, is undone on the way out."""

    def __init__(self) -> None:
        self._undo: list[tuple[str, Callable[[], Awaitable[None]]]] = []
        self.not_undone: list[str] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            # Cancelling the case must not stop the clearing up.
            await asyncio.shield(self._compensate())

    async def do(
        self,
        action: Callable[[Argument], Awaitable[Result]],
        argument: Argument,
        *,
        undo: Callable[[Argument], Awaitable[None]],
        config: ActivityConfig,
    ) -> Result:
        """Do one step. Its undoing is noted first: a step whose answer was lost may have had its effect."""

        async def undo_it() -> None:
            patiently = config.copy()
            patiently["retry_policy"] = UNDO
            await workflow.execute_activity(undo, argument, **patiently)

        self._undo.append((getattr(undo, "__name__", "a step").replace("_", " "), undo_it))
        return await workflow.execute_activity(action, argument, **config)

    async def _compensate(self) -> None:
        for name, undo in reversed(self._undo):
            try:
                await undo()
            except ActivityError:
                self.not_undone.append(name)
                workflow.logger.error("could not be done: %s", name)
