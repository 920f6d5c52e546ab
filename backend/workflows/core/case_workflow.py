"""What every case has: its progress, signals that cannot break it, questions to people, and an end."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from backend.activities.close_approval_activity import close_approval
    from backend.activities.escalate_approval_activity import escalate_approval
    from backend.activities.open_approval_activity import open_approval
    from backend.activities.remind_approvers_activity import remind_approvers
    from backend.cases.approvals.decide.timers import DeadlineReached, TimerFired
    from backend.cases.approvals.request.open_approval import ApprovalRequest
    from backend.kit.approval import ApprovalState, AtDeadline, Step, Timetable, Verdict
    from backend.kit.case import Amended, Case, CaseEnd
    from backend.kit.policy import Timer, TimerKind
    from backend.kit.progress import Milestone, Turn
    from backend.workflows.core.compensation import CompensationReport
    from backend.workflows.core.offering_case import OfferingCase
    from backend.workflows.core.outcomes import NOT_CHANGED, RECALLED, refused
    from backend.workflows.core.retry_policies import WORKFLOW_WRITES
    from backend.workflows.core.saga import Saga, Stopped, Undone


_NAMES = {TimerKind.REMIND: "reminder", TimerKind.ESCALATE: "escalation"}


class NobodyAnswered(ApplicationError):
    """The deadline of a question passed whose policy says that the case fails then."""

    def __init__(self, message: str) -> None:
        super().__init__(message, type="NobodyAnswered", non_retryable=True)


class CaseWorkflow(OfferingCase):
    """Base of every business process. A subclass has `init`, `run` and its own steps."""

    def __init__(self, case: Case[Any, Any], milestones: list[Milestone]) -> None:
        super().__init__(case, milestones)
        self.round = 1
        self._amended: Amended | None = None
        self._decisions: dict[tuple[str, int], Verdict] = {}
        self._waiting: dict[tuple[str, int], ApprovalRequest] = {}
        self._way_back = CompensationReport()

    @workflow.query
    def waiting(self) -> list[ApprovalRequest]:
        """The questions whose verdicts this workflow waits for; the reconciler compares them with the rows."""
        return [asked for key, asked in self._waiting.items() if key not in self._decisions]

    @workflow.signal
    def decide(self, decision: Verdict) -> None:
        """The verdict that an approval's row has; the first one for a step and round counts."""
        self._decisions.setdefault((decision.step, decision.round), decision)

    @workflow.signal
    def amend(self, amended: Amended) -> None:
        """A new version of the form, written after a send-back."""
        if amended.version > self.case.version:
            self._amended = amended

    @workflow.signal
    def correct(self, corrected: Amended) -> None:
        """What an approver corrected within the decision; the case goes on with it at once."""
        if corrected.version > self.case.version:
            self._take_over(corrected)

    def _take_over(self, newer: Amended) -> None:
        form = type(self.case.input).model_validate(newer.input)
        self.case = self.case.model_copy(update={"input": form, "version": newer.version})

    @workflow.signal
    def turn(self, turn: Turn) -> None:
        """The open approval has other people now; ignored if it is no longer the one that waits."""
        self.now_at.passed_on(turn)

    async def conclude(self, process: Awaitable[CaseEnd], failed: Callable[[], CaseEnd] | None = None) -> CaseEnd:
        """Run the process to its end and say so in the read model.

        `failed` is how the case ends if a step was refused for good; without it, the execution fails.
        """
        try:
            end = await process
        except NobodyAnswered:
            self.now_at.over("Nobody answered in time, so the case failed.")
            await self.report(end=CaseEnd(outcome="", sentence=self.now_at.sentence), closed_as="failed")
            raise
        except Stopped as stopped:
            end = stopped.end
        except (asyncio.CancelledError, CancelledError, ActivityError) as error:
            if is_cancelled_exception(error):
                await self._cancelled()
                raise
            if failed is None:
                raise
            end = failed()
        end = self._way_back.with_what_is_left(end)
        self.now_at.over(end.sentence)
        await self.report(*self._way_back.lines, end=end)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return end

    async def ask_every_level(
        self,
        steps: Callable[[Any], Sequence[Step]],
        *,
        subject: Callable[[Any], str],
        milestones: Callable[[Any], list[Milestone]],
        change_within: timedelta,
    ) -> CaseEnd | None:
        """Ask one step after the other. None if all said yes, else how the case ends.

        What is sent back is asked again from the first step, once the requester has changed it.
        """
        refusal = await self._first_refusal(steps, subject, milestones)
        while refusal is not None and refusal.verdict is ApprovalState.SENT_BACK:
            self.now_at.sentence = f"{refusal.names} sent it back; {self.case.opened_by_name} can change it now"
            await self.report()
            if not await self.amended(within=change_within):
                return RECALLED if self.recalled else NOT_CHANGED
            self.now_at.milestones = milestones(self.case)
            refusal = await self._first_refusal(steps, subject, milestones)
        return refused(refusal) if refusal else None

    async def _first_refusal(
        self,
        steps: Callable[[Any], Sequence[Step]],
        subject: Callable[[Any], str],
        milestones: Callable[[Any], list[Milestone]],
    ) -> Verdict | None:
        asked: list[str] = []
        # Looked at anew after each level: who approved may have corrected what the next level depends on.
        while (step := _first(steps(self.case), besides=asked)) is not None:
            decision = await self.ask(step, subject(self.case))
            asked.append(step.key)
            self.now_at.take_up(milestones(self.case))
            if not decision.goes_on:
                return decision
        return None

    def saga(self, stopped_by: Callable[[], CaseEnd | None] = lambda: None) -> Saga:
        """A saga whose way back is told, and what it cannot undo is left open in the sight of all."""
        return Saga(self._hear_of, stopped_by)

    async def _hear_of(self, undone: Undone) -> None:
        line = self._way_back.note(undone, self.now_at)
        self.attention = self._way_back.attention
        if workflow.patched("the-way-back-is-told"):  # before, it was told with the end alone
            await self.report(line)

    async def _cancelled(self) -> None:
        """An operator cancelled the workflow: what was done is undone by now, and the read model hears of it."""
        self.now_at.over("It was cancelled.")
        if workflow.patched("a-cancellation-is-told"):  # before, the reconciler found it within a minute
            await self.report(*self._way_back.lines, closed_as="cancelled")

    async def ask(self, step: Step, subject: str) -> Verdict:
        """Ask people and wait for the verdict: remind, escalate, and close at the deadline."""
        asked_at = workflow.now()
        question = ApprovalRequest(
            tenant=self.case.tenant,
            case_id=self.case.case_id,
            step=step,
            round=self.round,
            asked_at=asked_at,
            subject=subject,
            progress=self.now_at,
        )
        asked = await workflow.execute_local_activity(open_approval, question, **WORKFLOW_WRITES)
        if asked.decision is not None:
            self.decide(asked.decision)
        else:
            self.now_at.asking(step.key, asked.turn, subject)
        self._waiting[step.key, self.round] = question.model_copy(update={"approval_id": asked.approval_id})
        nudge = TimerFired(tenant=self.case.tenant, approval_id=asked.approval_id)
        moments = asked.timetable or _as_it_was(step, asked_at)
        await self._keep_time(step, moments, nudge)
        del self._waiting[step.key, self.round]
        decision = self._decisions[step.key, self.round]
        self._mark(step, decision)
        if decision.deadline is AtDeadline.FAIL:
            raise NobodyAnswered(f"{step.key}: nobody answered in time")
        return decision

    async def _keep_time(self, step: Step, moments: Timetable, nudge: TimerFired) -> None:
        """Remind, ask more people, and close at the deadline, until there is a verdict."""
        for timer in moments.timers:
            if not await self._answered(step, timer.at, f"{step.label}: {_NAMES[timer.kind]} {timer.number}"):
                act = remind_approvers if timer.kind is TimerKind.REMIND else escalate_approval
                due = nudge.model_copy(update={"number": timer.number, "last": timer.last})
                await workflow.execute_local_activity(act, due, **WORKFLOW_WRITES)
        if not await self._answered(step, moments.expires_at, f"{step.label}: deadline"):
            # The row decides, not the timer: an answer given in time counts even if its signal comes later.
            verdict = ApprovalState.WITHDRAWN if self.recalled else ApprovalState.EXPIRED
            closing = DeadlineReached(**nudge.model_dump(), verdict=verdict)
            stands = await workflow.execute_local_activity(close_approval, closing, **WORKFLOW_WRITES)
            self.decide(stands)

    async def _answered(self, step: Step, until: datetime, timer: str) -> bool:
        """Whether the verdict came before this moment; a recall ends the waiting too. Operators read what it is for."""
        key = (step.key, self.round)

        def heard() -> bool:
            return key in self._decisions or self.recalled is not None

        left = until - workflow.now()
        if left > timedelta(0):
            try:
                await workflow.wait_condition(heard, timeout=left, timeout_summary=timer)
            except TimeoutError:
                return key in self._decisions
        return key in self._decisions

    def _mark(self, step: Step, decision: Verdict) -> None:
        words = {
            ApprovalState.APPROVED: (self.now_at.done, f"{decision.names} approved"),
            ApprovalState.SENT_BACK: (self.now_at.back, f"{decision.names} sent it back"),
            ApprovalState.REJECTED: (self.now_at.failed, f"{decision.names} rejected"),
            ApprovalState.EXPIRED: (self.now_at.failed, "Nobody answered in time"),
            ApprovalState.WITHDRAWN: (self.now_at.failed, "Recalled"),
            ApprovalState.NOT_NEEDED: (self.now_at.done, "Went on without an answer"),
        }
        mark, detail = words[decision.verdict]
        mark(step.key, decision.at, detail)

    async def amended(self, within: timedelta) -> bool:
        """Wait for the next version after a send-back; False if none came in time or the case was recalled."""

        def heard() -> bool:
            return self._amended is not None or self.recalled is not None

        try:
            await workflow.wait_condition(heard, timeout=within, timeout_summary="Time to change the request")
        except TimeoutError:
            return False
        if self._amended is None:
            return False
        self._take_over(self._amended)
        self._amended = None
        self.round += 1
        return True


def _as_it_was(step: Step, asked_at: datetime) -> Timetable:
    """The moments of a question that was asked before approvals kept their own: one reminder, then one escalation."""
    lengths = ((TimerKind.REMIND, step.reminder), (TimerKind.ESCALATE, step.escalation))
    timers = tuple(Timer(at=asked_at + after, kind=kind, number=1) for kind, after in lengths if after)
    return Timetable(due_at=asked_at + step.due, timers=timers, expires_at=asked_at + step.deadline)


def _first(steps: Sequence[Step], besides: list[str]) -> Step | None:
    return next((step for step in steps if step.key not in besides), None)
