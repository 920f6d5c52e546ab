"""The base of every business process: its progress, its actions and approvals, and how it ends."""

import asyncio
from collections.abc import Awaitable
from typing import Any, ClassVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, CancelledError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from backend.kit.case import Case, CaseEnd
    from backend.kit.i18n import N_
    from backend.kit.progress import Milestone
    from backend.workflows.core.approvals import CaseApprovals, NobodyAnswered
    from backend.workflows.core.compensation import CompensationReport
    from backend.workflows.core.failures import is_forged, reason_of
    from backend.workflows.core.outcomes import WITHDRAWN, CaseStopped, CaseWithdrawn, UndeclaredOutcome
    from backend.workflows.core.saga import Compensation, Saga


class CaseWorkflow(CaseApprovals):
    """A subclass has `outcomes`, `init`, `run` under `@concluded`, and its own steps.

    `run` returns how the case ended, or raises CaseStopped. The base class stops it when it is withdrawn, undoes what
    a saga did, and reports the end. `outcomes` are the words it can end with; its process entry names each of them.
    """

    outcomes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, case: Case[Any, Any], milestones: list[Milestone]) -> None:
        super().__init__(case, milestones)
        self._compensation = CompensationReport()

    def withdrawn_end(self) -> CaseEnd:
        """How the case ends when it is withdrawn; asked when everything has been undone."""
        return WITHDRAWN

    def failed_end(self) -> CaseEnd | None:
        """How the case ends when a step was refused for good; None fails the execution."""
        return None

    async def before_end(self, end: CaseEnd) -> None:
        """The last thing that a process does, once its end is known."""

    def saga(self, *, interrupt: bool = True) -> Saga:
        """A saga that stops when the case is withdrawn: at once, or between two steps without `interrupt`.

        Each undone step is added to the journal; what cannot be undone is shown on the case page.
        """
        withdrawn, approved = lambda: self.withdrawn is not None, lambda: self.approved_form
        return Saga(self._compensated, withdrawn, approved, interrupt=interrupt)

    async def conclude(self, run: Awaitable[CaseEnd]) -> CaseEnd:
        """Run the process to its end, and report it."""
        try:
            end = await self._end_of(run)
        except NobodyAnswered:
            self.progress.finish(N_("Nobody decided in time, so the case failed."))
            await self.report(end=CaseEnd(outcome="", sentence=self.progress.sentence), closed_as="failed")
            raise
        except (asyncio.CancelledError, CancelledError, ActivityError) as error:
            if is_cancelled_exception(error):
                await self._cancelled()
            raise
        if end.outcome not in self.outcomes:
            raise UndeclaredOutcome(end.outcome, type(self).__name__)
        await self.before_end(end)
        end = self._compensation.mentioned_in(end)
        self.progress.finish(end.sentence)
        await self.report(*self._compensation.lines, end=end)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return end

    async def _end_of(self, run: Awaitable[CaseEnd]) -> CaseEnd:
        try:
            return await run
        except CaseWithdrawn:
            await self._undo_children()
            return self.withdrawn_end()
        except CaseStopped as stopped:
            return stopped.end
        except ActivityError as error:
            forged = is_forged(error)
            if forged:
                self.attention = reason_of(error)
            end = None if is_cancelled_exception(error) else self.failed_end()
            if end is None:
                if forged:
                    await self.report()
                raise
            return end

    async def _undo_children(self) -> None:
        """Have every child undo what it did; people see what is left."""
        if not self.progress.children:
            return
        self.progress.sentence = N_("Undoing what was prepared")
        await self.report()
        await self.children.cancel()
        self.attention = self.children.left_over

    async def _compensated(self, step: Compensation) -> None:
        line = self._compensation.note(step, self.progress)
        self.attention = self._compensation.attention
        if workflow.patched("the-way-back-is-told"):  # before, only the end reported it
            await self.report(line)

    async def _cancelled(self) -> None:
        """An operator cancelled the workflow: everything is undone by now, and the read model is told."""
        self.progress.finish(N_("The case was cancelled."))
        if workflow.patched("a-cancellation-is-told"):  # before, the reconciler found it within a minute
            await self.report(*self._compensation.lines, closed_as="cancelled")
