"""A reusable part of a process: a child workflow with milestones of its own, which its parent is told."""

from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.progress import ChildProgress, Milestone, MilestoneState
    from backend.workflows.core.failures import PART_FAILED, reason_of
    from backend.workflows.core.saga import Saga, Undone


Argument = TypeVar("Argument")
TO_ITS_END = "what-runs-ends-before-it-is-undone"  # before, the way back did not wait for it


def _moved(moment: Callable[[], datetime], awaited: datetime) -> bool:
    return moment() != awaited


class ChildWorkflow:
    """Base of every child. What it did through its saga is undone when it fails or is cancelled."""

    def __init__(self, child: ChildCase[Any], milestones: list[Milestone]) -> None:
        self.child = child
        self.saga = Saga(tell=self._undone)
        own_id = workflow.info().workflow_id
        self.now_at = ChildProgress(key=child.key, label=child.label, milestones=milestones, workflow_id=own_id)

    @workflow.query
    def progress(self) -> ChildProgress:
        """How far this part is, in business words."""
        return self.now_at

    @workflow.signal
    def plan(self, changed: dict[str, Any]) -> None:
        """The case changed what this part works on; what does not fit is ignored."""
        try:
            form = type(self.child.input).model_validate(changed)
        except ValueError:
            workflow.logger.warning("a change of plan does not fit and is ignored")
            return
        self.child = self.child.model_copy(update={"input": form})

    async def conclude(self, work: Awaitable[ChildEnd]) -> ChildEnd:
        """Do the work to its end; on any other way out undo it and say so, to people and to the parent."""
        try:
            async with self.saga:
                end = await work
        except (ActivityError, CancelledError) as error:
            cancelled = is_cancelled_exception(error)
            await self._stopped("Taken back" if cancelled else reason_of(error), cancelled=cancelled)
            if cancelled:
                raise
            raise ApplicationError(self.now_at.sentence, type=PART_FAILED, non_retryable=True) from error
        self.now_at.state = MilestoneState.DONE
        await self.tell()
        return end

    async def to_its_end(
        self, action: Callable[[Argument], Awaitable[None]], argument: Argument, config: workflow.ActivityConfig
    ) -> None:
        """Do what nothing undoes. Taken back meanwhile, what came before is undone only when this has ended."""
        if workflow.patched(TO_ITS_END):
            await self.saga.do(action, argument, undo=None, config=config)
        else:
            await workflow.execute_activity(action, argument, **config)

    async def _stopped(self, why: str, *, cancelled: bool) -> None:
        left = self.now_at.left
        why = f"{why}; somebody has to {' and '.join(left)} by hand" if left else why
        state = MilestoneState.NOT_NEEDED if cancelled and not left else MilestoneState.FAILED
        self.now_at.stop(state, why, workflow.now())
        await self.tell()

    async def _undone(self, step: Undone) -> None:
        if step.why_not:
            self.now_at.left.append(step.name)

    async def until(self, moment: Callable[[], datetime], what: str = "First day") -> None:
        """Wait for a moment that may move meanwhile; operators read what it is."""
        while (left := moment() - workflow.now()) > timedelta(0):
            with suppress(TimeoutError):
                moved = partial(_moved, moment, moment())
                await workflow.wait_condition(moved, timeout=left, timeout_summary=what)

    async def tell(self) -> None:
        """Tell the parent how far this is; a parent that is over needs no news."""
        parent = workflow.info().parent
        if parent is None:
            return
        with suppress(FailureError):
            await workflow.get_external_workflow_handle(parent.workflow_id).signal("child_moved", self.now_at)
