"""The children of a case: they run side by side, and one that fails does not stop the others."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, FailureError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ChildWorkflowCancellationType, ChildWorkflowHandle, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from backend.cases.core.journal import JournalLine
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.i18n import N_
    from backend.kit.names import join_names
    from backend.kit.naming import child_id
    from backend.kit.progress import ChildProgress, MilestoneState, Progress
    from backend.workflows.core.failures import reason_of

CATCH_UP = "a-part-that-starts-hears-of-changes"  # before, it worked on what it was started with
Run = Callable[[Any, ChildCase[Any]], Awaitable[ChildEnd]]


class Children:
    """Starts, changes and cancels the children of one case.

    `parent` is the id of the case's workflow; `report` is called whenever people should see a change. `journal` holds
    the lines that the next report adds to the journal of the case.
    """

    def __init__(self, parent: str, progress: Callable[[], Progress], report: Callable[[], Awaitable[None]]) -> None:
        self.facts: dict[str, str] = {}
        self.journal: list[JournalLine] = []
        self._parent = parent
        self._progress = progress
        self._report = report
        self._handles: dict[str, ChildWorkflowHandle[Any, ChildEnd]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._wanted: dict[str, tuple[Run, ChildCase[Any]]] = {}

    def start(self, run: Run, child: ChildCase[Any]) -> None:
        """Start a child. If it cannot start, it has failed like any other."""
        self._wanted[child.key] = (run, child)
        own_id = child_id(self._parent, child.key)
        self._progress().put_child(ChildProgress(key=child.key, label=child.label, workflow_id=own_id))
        self._tasks[child.key] = asyncio.create_task(self._follow(run, child, own_id))

    async def _follow(self, run: Run, child: ChildCase[Any], own_id: str) -> None:
        try:
            handle = await workflow.start_child_workflow(
                run,
                child,
                id=own_id,
                # However the case ends, its children undo what they did.
                parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
                cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            )
            self._handles[child.key] = handle
            began = N_("{part}: work started again.") if child.attempt > 1 else N_("{part}: work started.")
            self._note(child, "began", began.format(part=child.label))
            await self._catch_up(child)
            end = await handle
            self.facts |= end.facts
            self._ended(child, MilestoneState.DONE)
        except WorkflowAlreadyStartedError:
            self._ended(child, MilestoneState.FAILED, N_("It could not start, because another one is still running"))
        except ChildWorkflowError as error:
            cancelled = is_cancelled_exception(error)
            self._ended(child, MilestoneState.NOT_NEEDED if cancelled else MilestoneState.FAILED, reason_of(error))
        finally:
            self._handles.pop(child.key, None)
        await self._report()

    async def _catch_up(self, child: ChildCase[Any]) -> None:
        """Signal a change that was made while the child was starting, when it could not be signalled yet."""
        _, wanted = self._wanted[child.key]
        if wanted.input != child.input and workflow.patched(CATCH_UP):
            await self._signal_plan(child.key, wanted.input)

    async def _signal_plan(self, key: str, changed: BaseModel) -> None:
        with suppress(FailureError):  # it may have ended by now
            await self._handles[key].signal("plan", changed)

    def _ended(self, child: ChildCase[Any], state: MilestoneState, why: str = "") -> None:
        """The child's own last report stays, unless it could not send one."""
        reported = self.progress_of(child.key)
        if reported.state is MilestoneState.NOW:
            reported.stop(state, why, workflow.now())
        sentences = {
            MilestoneState.DONE: N_("{part}: done."),
            MilestoneState.FAILED: N_("{part}: failed. {reason}."),
            MilestoneState.NOT_NEEDED: N_("{part}: undone."),
        }
        sentence = sentences.get(reported.state, N_("{part}: ended."))
        self._note(child, "ended", sentence.format(part=child.label, reason=reported.sentence.rstrip(".")))

    def _note(self, child: ChildCase[Any], what: str, sentence: str) -> None:
        """For the journal, with the next report; the key keeps the same line from being added twice."""
        key = f"part:{child.key}:{child.attempt}:{what}"
        self.journal.append(JournalLine(key=key, kind=f"part_{what}", sentence=sentence))

    def progress_of(self, key: str) -> ChildProgress:
        """How far this child is."""
        return next(child for child in self._progress().children if child.key == key)

    @property
    def failed(self) -> list[ChildProgress]:
        """Those that failed and were neither retried nor resolved."""
        return [child for child in self._progress().children if child.state is MilestoneState.FAILED]

    @property
    def attention(self) -> str | None:
        """What needs attention; None if nothing failed."""
        return ". ".join(f"{child.label}: {child.sentence}" for child in self.failed) or None

    @property
    def left_over(self) -> str | None:
        """What is still there after all were cancelled; None if nothing is."""
        done = [child.label.lower() for child in self._progress().children if child.state is MilestoneState.DONE]
        stays = N_("Already completed, so it stays: {names}").format(names=join_names(done, "and")) if done else None
        return ". ".join(filter(None, (self.attention, stays))) or None

    @property
    def over(self) -> bool:
        """Whether none is running any more."""
        return all(task.done() for task in self._tasks.values())

    async def change_plan(self, key: str, changed: BaseModel) -> None:
        """Signal a child that what it works on changed; one that has ended works on nothing."""
        run, child = self._wanted[key]
        self._wanted[key] = (run, child.model_copy(update={"input": changed}))
        if key in self._handles:
            await self._signal_plan(key, changed)

    def retry_failed(self) -> None:
        """Start those that failed once more, under new keys."""
        for child in self.failed:
            run, previous = self._wanted[child.key]
            self.start(run, previous.model_copy(update={"attempt": previous.attempt + 1}))

    def resolve_failed(self, how: str) -> None:
        """Somebody did by hand what failed."""
        for child in self.failed:
            child.state, child.sentence = MilestoneState.DONE, how

    async def cancel(self) -> None:
        """Ask all to stop, and wait until each has undone what it did. Only what could not be undone stays failed."""
        await workflow.wait_condition(lambda: all(self._began(key) for key in self._tasks))
        for handle in self._handles.values():
            handle.cancel()
        await workflow.wait_condition(lambda: self.over)
        for child in self.failed:
            child.state = MilestoneState.FAILED if child.left else MilestoneState.NOT_NEEDED

    def _began(self, key: str) -> bool:
        return key in self._handles or self._tasks[key].done()
