"""The children of a case: they work side by side, and one that fails takes no other with it."""

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
    from backend.kit.naming import child_id
    from backend.kit.progress import ChildProgress, MilestoneState, Progress
    from backend.workflows.core.failures import reason_of

CATCH_UP = "a-part-that-starts-hears-of-changes"  # before, it worked on what it was started with
Run = Callable[[Any, ChildCase[Any]], Awaitable[ChildEnd]]


class Children:
    """Starts, changes and cancels the children of one case.

    `parent` is the id of the case's workflow; `changed` is called whenever people should see news. `news` is what the
    next report tells of them in the story of the case.
    """

    def __init__(self, parent: str, progress: Callable[[], Progress], changed: Callable[[], Awaitable[None]]) -> None:
        self.facts: dict[str, str] = {}
        self.news: list[JournalLine] = []
        self._parent = parent
        self._progress = progress
        self._changed = changed
        self._handles: dict[str, ChildWorkflowHandle[Any, ChildEnd]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: dict[str, tuple[Run, ChildCase[Any]]] = {}

    def start(self, run: Run, child: ChildCase[Any]) -> None:
        """Start a child beside the others. If it cannot start, it has failed like any other."""
        self._again[child.key] = (run, child)
        own_id = child_id(self._parent, child.key)
        self._progress().put_child(ChildProgress(key=child.key, label=child.label, workflow_id=own_id))
        self._tasks[child.key] = asyncio.create_task(self._follow(run, child, own_id))

    async def _follow(self, run: Run, child: ChildCase[Any], own_id: str) -> None:
        try:
            handle = await workflow.start_child_workflow(
                run,
                child,
                id=own_id,
                # Whatever ends the case, its children undo what they did.
                parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
                cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            )
            self._handles[child.key] = handle
            self._tell(child, "began", f"Work on {child.label.lower()} began{' again' if child.attempt > 1 else ''}.")
            await self._catch_up(child)
            end = await handle
            self.facts |= end.facts
            self._ended(child, MilestoneState.DONE)
        except WorkflowAlreadyStartedError:
            self._ended(child, MilestoneState.FAILED, "It could not start, because another one is still running")
        except ChildWorkflowError as error:
            cancelled = is_cancelled_exception(error)
            self._ended(child, MilestoneState.NOT_NEEDED if cancelled else MilestoneState.FAILED, reason_of(error))
        finally:
            self._handles.pop(child.key, None)
        await self._changed()

    async def _catch_up(self, child: ChildCase[Any]) -> None:
        """What it works on may have changed while it was starting, when nobody could tell it yet."""
        _, wanted = self._again[child.key]
        if wanted.input != child.input and workflow.patched(CATCH_UP):
            await self._tell_plan(child.key, wanted.input)

    async def _tell_plan(self, key: str, changed: BaseModel) -> None:
        with suppress(FailureError):  # it may be over by now
            await self._handles[key].signal("plan", changed)

    def _ended(self, child: ChildCase[Any], state: MilestoneState, why: str = "") -> None:
        """What the child told last stays, unless it could not tell."""
        told = self.of(child.key)
        if told.state is MilestoneState.NOW:
            told.stop(state, why, workflow.now())
        words = {
            MilestoneState.DONE: "is done",
            MilestoneState.FAILED: f"failed: {told.sentence}",
            MilestoneState.NOT_NEEDED: "was taken back",
        }
        self._tell(child, "ended", f"Work on {child.label.lower()} {words.get(told.state, 'is over').rstrip('.')}.")

    def _tell(self, child: ChildCase[Any], what: str, sentence: str) -> None:
        """In the story of the case with its next report; the same line twice is told once."""
        key = f"part:{child.key}:{child.attempt}:{what}"
        self.news.append(JournalLine(key=key, kind=f"part_{what}", sentence=sentence))

    def of(self, key: str) -> ChildProgress:
        """How far this child is."""
        return next(child for child in self._progress().children if child.key == key)

    @property
    def failed(self) -> list[ChildProgress]:
        """Those that failed and were neither tried again nor settled."""
        return [child for child in self._progress().children if child.state is MilestoneState.FAILED]

    @property
    def done(self) -> list[ChildProgress]:
        """Those that came to their end; nothing takes them back any more."""
        return [child for child in self._progress().children if child.state is MilestoneState.DONE]

    def _began(self, key: str) -> bool:
        return key in self._handles or self._tasks[key].done()

    @property
    def attention(self) -> str | None:
        """What somebody has to look at; None if nothing failed."""
        return ". ".join(f"{child.label}: {child.sentence}" for child in self.failed) or None

    @property
    def over(self) -> bool:
        """Whether none runs any more."""
        return all(task.done() for task in self._tasks.values())

    async def plan(self, key: str, changed: BaseModel) -> None:
        """Tell a child that what it works on changed; one that is over works on nothing."""
        run, child = self._again[key]
        self._again[key] = (run, child.model_copy(update={"input": changed}))
        if key in self._handles:
            await self._tell_plan(key, changed)

    def try_again(self) -> None:
        """Start those that failed once more, under new keys."""
        for child in self.failed:
            run, former = self._again[child.key]
            self.start(run, former.model_copy(update={"attempt": former.attempt + 1}))

    def settle(self, how: str) -> None:
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
