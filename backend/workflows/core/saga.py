"""A saga: steps that are undone in reverse order when a later one fails for good or the case is stopped."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityCancellationType, ActivityConfig, ActivityHandle

with workflow.unsafe.imports_passed_through():
    from backend.kit.approval import Approved
    from backend.kit.i18n import N_
    from backend.services.keyed import Keyed
    from backend.workflows.core.outcomes import CaseWithdrawn
    from backend.workflows.core.retry_policies import UNDO
    from backend.workflows.core.shield import shielded

Argument = TypeVar("Argument")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Compensation:
    """What became of one step that was to be undone: its name and key, and why it failed if it did."""

    name: str
    key: str
    sentence: str
    failure: str = ""


@dataclass(frozen=True)
class _Step:
    name: str
    key: str
    sentence: str
    undo: Callable[[], Awaitable[None]]


async def _ignore(_: Compensation) -> None:
    """The default where nobody reports compensations."""


def _never() -> bool:
    """The default where nothing withdraws the case."""
    return False


def _nothing() -> None:
    """The default where nothing was approved."""


def _has_effect(_: Any) -> bool:
    """Most results mean that the step had its effect."""
    return False


class Saga:
    """`async with Saga() as saga`: steps done inside are undone if the block is left by an exception.

    `report` is called for every undone step. `withdrawn` is asked before each step and, with `interrupt`, while it
    runs: the step is then cancelled, or undone if it was too late for that, and CaseWithdrawn is raised. Each step
    carries what `approved` says that people approved.
    """

    def __init__(
        self,
        report: Callable[[Compensation], Awaitable[None]] = _ignore,
        withdrawn: Callable[[], bool] = _never,
        approved: Callable[[], Approved | None] = _nothing,
        *,
        interrupt: bool = True,
    ) -> None:
        self._report = report
        self._withdrawn = withdrawn
        self._approved = approved
        self._interrupted = withdrawn if interrupt else _never
        self._steps: list[_Step] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A worker that evicts a running case ends its coroutines with GeneratorExit; the case continues elsewhere.
        if error is not None and not isinstance(error, GeneratorExit):
            # Cancelling the case must neither stop the compensation nor end the case before it is done.
            await shielded(self._compensate())

    async def do(
        self,
        action: Callable[[Argument], Awaitable[Result]],
        argument: Argument,
        *,
        undo: Callable[[Argument], Awaitable[None]] | None,
        config: ActivityConfig,
        no_effect_if: Callable[[Result], bool] = _has_effect,
        undone: str = "",
    ) -> Result:
        """Do one step. Its undo is noted first: a step whose result was lost may have had its effect.

        `no_effect_if` knows the results after which there is nothing to undo. `undone` is what the journal says once
        the step was undone.
        """
        if self._withdrawn():
            raise CaseWithdrawn
        if isinstance(argument, Keyed):
            argument = argument.model_copy(update={"approved": self._approved()})
        step = self._note(undo, argument, config, undone) if undo else None
        patient = config.copy()
        # An attempt that still runs must have ended before its effect is undone.
        patient["cancellation_type"] = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
        result = await self._result_of(workflow.start_activity(action, argument, **patient))
        if step and no_effect_if(result):
            self._steps.remove(step)
        return result

    def _note(
        self,
        undo: Callable[[Argument], Awaitable[None]],
        argument: Argument,
        config: ActivityConfig,
        undone: str,
    ) -> _Step:
        name = getattr(undo, "__name__", "a step").replace("_", " ")

        async def undo_step() -> None:
            patient = config.copy()
            patient["retry_policy"] = UNDO
            await workflow.execute_activity(undo, argument, **patient)

        step = _Step(
            name, str(getattr(argument, "key", "")), undone or N_("Undone: {text}.").format(text=name), undo_step
        )
        self._steps.append(step)
        return step

    async def _result_of(self, handle: ActivityHandle[Result]) -> Result:
        try:
            await workflow.wait_condition(lambda: handle.done() or self._interrupted())
            if not handle.done():
                handle.cancel()
            return await handle
        except asyncio.CancelledError:
            handle.cancel()
            await shielded(_ended(handle))
            raise
        except ActivityError as error:
            if self._interrupted():
                # It is not retried any more: it ends as cancelled, or as the attempt whose worker crashed.
                raise CaseWithdrawn from error
            raise

    async def _compensate(self) -> None:
        while self._steps:
            step = self._steps.pop()
            failure = ""
            try:
                await step.undo()
            except ActivityError as error:
                failure = str(getattr(error.cause, "message", "")) or N_("It failed repeatedly.")
                workflow.logger.error("could not be undone: %s", step.name)
            await self._report(Compensation(step.name, step.key, step.sentence, failure))


async def _ended(handle: ActivityHandle[Any]) -> None:
    """Wait for the end of an activity, however it ends."""
    try:
        await handle
    except (ActivityError, asyncio.CancelledError) as error:
        workflow.logger.debug("ended before its compensation: %s", type(error).__name__)
