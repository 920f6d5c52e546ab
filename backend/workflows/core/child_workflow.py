"""A reusable part of a process: a child workflow with its own milestones, which it reports to its parent."""

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
    from backend.kit.i18n import N_
    from backend.kit.names import join_names
    from backend.kit.progress import ChildProgress, Milestone, MilestoneState
    from backend.workflows.core.failures import CHILD_FAILED, reason_of
    from backend.workflows.core.saga import Compensation, Saga


Argument = TypeVar("Argument")
WAIT_BEFORE_UNDO = "what-runs-ends-before-it-is-undone"  # before, the compensation did not wait for it


def _moved(moment: Callable[[], datetime], awaited: datetime) -> bool:
    return moment() != awaited


class ChildWorkflow:
    """Base of every child. What it did through `saga` is undone when it fails or is cancelled."""

    def __init__(self, child: ChildCase[Any], milestones: list[Milestone]) -> None:
        self.child = child
        self.saga = Saga(self._compensated, approved=lambda: child.approved)
        own_id = workflow.info().workflow_id
        self.progress = ChildProgress(key=child.key, label=child.label, milestones=milestones, workflow_id=own_id)

    @workflow.query(name="progress")
    def query_progress(self) -> ChildProgress:
        """How far this part is, in business words."""
        return self.progress

    @workflow.signal
    def plan(self, changed: dict[str, Any] | None = None) -> None:
        """The case changed what this part works on; what does not fit is ignored."""
        if changed is None:
            return
        try:
            form = type(self.child.input).model_validate(changed)
        except ValueError:
            workflow.logger.warning("a change of plan does not fit and is ignored")
            return
        self.child = self.child.model_copy(update={"input": form})

    async def conclude(self, run: Awaitable[ChildEnd]) -> ChildEnd:
        """Run to the end; if it fails or is cancelled, undo what was done and report it to people and the parent."""
        try:
            async with self.saga:
                end = await run
        except (ActivityError, CancelledError) as error:
            cancelled = is_cancelled_exception(error)
            await self._stopped(N_("Undone") if cancelled else reason_of(error), cancelled=cancelled)
            if cancelled:
                raise
            raise ApplicationError(self.progress.sentence, type=CHILD_FAILED, non_retryable=True) from error
        self.progress.state = MilestoneState.DONE
        await self.report()
        return end

    async def do_for_good(
        self, action: Callable[[Argument], Awaitable[None]], argument: Argument, config: workflow.ActivityConfig
    ) -> None:
        """Do what cannot be undone. If the child is cancelled meanwhile, the earlier steps are undone only after it."""
        if workflow.patched(WAIT_BEFORE_UNDO):
            await self.saga.do(action, argument, undo=None, config=config)
        else:
            await workflow.execute_activity(action, argument, **config)

    async def _stopped(self, why: str, *, cancelled: bool) -> None:
        left = self.progress.left
        if left:
            why = N_("{reason}; to be done manually: {text}").format(reason=why, text=join_names(left, "and"))
        state = MilestoneState.NOT_NEEDED if cancelled and not left else MilestoneState.FAILED
        self.progress.stop(state, why, workflow.now())
        await self.report()

    async def _compensated(self, step: Compensation) -> None:
        if step.failure:
            self.progress.left.append(step.name)

    async def sleep_until(self, moment: Callable[[], datetime], what: str = "First day") -> None:
        """Wait for a moment that may move meanwhile; operators read what it is."""
        while (left := moment() - workflow.now()) > timedelta(0):
            with suppress(TimeoutError):
                moved = partial(_moved, moment, moment())
                await workflow.wait_condition(moved, timeout=left, timeout_summary=what)

    async def report(self) -> None:
        """Report the progress to the parent; a parent that has ended needs no report."""
        parent = workflow.info().parent
        if parent is None:
            return
        with suppress(FailureError):
            await workflow.get_external_workflow_handle(parent.workflow_id).signal("child_moved", self.progress)
