"""Approvals of a case: request a decision, remind, escalate, close at the deadline, and wait for the verdict."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from backend.activities.close_approval_activity import close_approval
    from backend.activities.escalate_approval_activity import escalate_approval
    from backend.activities.open_approval_activity import open_approval
    from backend.activities.remind_approvers_activity import remind_approvers
    from backend.cases.approvals.decide.timers import DeadlineReached, TimerFired
    from backend.cases.approvals.request.open_approval import ApprovalRequest
    from backend.cases.lifecycle.case_rows import CaseRows, KnownRows
    from backend.kit.approval import ApprovalState, Approved, AtDeadline, Step, Timetable, Verdict
    from backend.kit.case import Amended, Case
    from backend.kit.i18n import N_
    from backend.kit.policy import Timer, TimerKind
    from backend.kit.progress import Milestone, Turn
    from backend.workflows.core.case_actions import CaseActions
    from backend.workflows.core.case_state import ABANDON
    from backend.workflows.core.outcomes import NOT_CHANGED, CaseStopped, CaseWithdrawn, refused
    from backend.workflows.core.retry_policies import WORKFLOW_WRITES

_TIMER_NAMES = {TimerKind.REMIND: "reminder", TimerKind.ESCALATE: "escalation"}


class NobodyAnswered(ApplicationError):
    """An approval expired whose policy fails the case at the deadline."""

    def __init__(self, message: str) -> None:
        super().__init__(message, type="NobodyAnswered", non_retryable=True)


class CaseApprovals(CaseActions):
    """A case that needs approvals. The desk collects the decisions and signals the verdict."""

    def __init__(self, case: Case[Any, Any], milestones: list[Milestone]) -> None:
        super().__init__(case, milestones)
        self.round = 1
        self._amended: Amended | None = None
        self._verdicts: dict[tuple[str, int], Verdict] = {}
        self._open: dict[tuple[str, int], ApprovalRequest] = {}

    @workflow.query
    def waiting(self) -> list[ApprovalRequest]:
        """The approvals whose verdict this workflow waits for; the reconciler compares them with the rows."""
        return [request for key, request in self._open.items() if key not in self._verdicts]

    @workflow.signal(unfinished_policy=ABANDON)
    async def decide(self, verdict: Verdict | None = None) -> None:
        """An approval has its verdict, if its row says so; the first one for a step and round counts."""
        if self.reads_rows():
            await self.catch_up()
        elif verdict is not None:
            self._note(verdict)

    @workflow.signal(unfinished_policy=ABANDON)
    async def amend(self, amended: Amended | None = None) -> None:
        """There is a new version of the form, after changes were requested."""
        if self.reads_rows():
            await self.catch_up()
        elif amended is not None and amended.version > self.case.version:
            self._amended = amended

    @workflow.signal(unfinished_policy=ABANDON)
    async def correct(self, corrected: Amended | None = None) -> None:
        """An approver corrected the form within a decision; the case continues with it at once."""
        if self.reads_rows():
            await self.catch_up()
        elif corrected is not None and corrected.version > self.case.version:
            self._take_over(corrected)

    @workflow.signal
    def turn(self, turn: Turn | None = None) -> None:
        """The open approval has other approvers now; ignored if it is no longer the one that waits."""
        if turn is not None:
            self.progress.reassigned(turn)

    def known(self) -> KnownRows:
        """With the round, its verdicts and the version of the form."""
        decided = tuple(step for step, number in self._verdicts if number == self.round)
        news = {"round": self.round, "decided": decided, "version": self.case.version}
        return super().known().model_copy(update=news)

    def apply(self, rows: CaseRows) -> None:
        """With the verdicts and the versions of the form."""
        super().apply(rows)
        if rows.corrected is not None:
            self._take_over(rows.corrected)
        for verdict in rows.verdicts:
            self._note(verdict)
        self._amended = rows.amended or self._amended

    def _note(self, verdict: Verdict) -> None:
        self._verdicts.setdefault((verdict.step, verdict.round), verdict)

    @property
    def approved_form(self) -> Approved | None:
        """What was approved last, for the effects that follow from it."""
        return next((each.approved for each in reversed(self._verdicts.values()) if each.proceeds), None)

    async def require_approvals(
        self,
        steps: Callable[[Any], Sequence[Step]],
        *,
        subject: Callable[[Any], str],
        milestones: Callable[[Any], list[Milestone]],
        change_within: timedelta,
    ) -> None:
        """Get every step approved, one after the other; stops the case if one is not.

        If changes are requested, approval starts over from the first step once the requester has made them.
        """
        refusal = await self._first_refusal(steps, subject, milestones)
        while refusal is not None and refusal.verdict is ApprovalState.SENT_BACK:
            sentence = N_("{names} requested changes; {name} can change the request now")
            self.progress.sentence = sentence.format(names=refusal.names, name=self.case.opened_by_name)
            await self.report()
            if not await self._amended_within(change_within):
                raise CaseStopped(NOT_CHANGED)
            self.progress.milestones = milestones(self.case)
            refusal = await self._first_refusal(steps, subject, milestones)
        if refusal is not None:
            raise CaseStopped(refused(refusal))

    async def _first_refusal(
        self,
        steps: Callable[[Any], Sequence[Step]],
        subject: Callable[[Any], str],
        milestones: Callable[[Any], list[Milestone]],
    ) -> Verdict | None:
        decided: list[str] = []
        # Evaluated again after each step: its approver may have corrected what the next step depends on.
        while undecided := _undecided(steps(self.case), decided):
            step, *later = undecided
            verdict = await self.request_approval(step, subject(self.case), later)
            decided.append(step.key)
            self.progress.replace_milestones(milestones(self.case))
            if not verdict.proceeds:
                return verdict
        return None

    async def request_approval(self, step: Step, subject: str, later: Sequence[Step] = ()) -> Verdict:
        """Request one approval and wait for its verdict. Stops if the case is withdrawn meanwhile.

        `later` are the steps that follow, so that people hear at once of one that could never be approved.
        """
        requested_at = workflow.now()
        request = ApprovalRequest(
            tenant=self.case.tenant,
            case_id=self.case.case_id,
            step=step,
            round=self.round,
            asked_at=requested_at,
            subject=subject,
            progress=self.progress,
            later=tuple(later),
        )
        opened = await workflow.execute_local_activity(open_approval, request, **WORKFLOW_WRITES)
        if opened.decision is not None:
            self._note(opened.decision)
        else:
            self.progress.wait_for(step.key, opened.turn, subject)
        self._open[step.key, self.round] = request.model_copy(update={"approval_id": opened.approval_id, "later": ()})
        fired = TimerFired(tenant=self.case.tenant, approval_id=opened.approval_id)
        await self._run_timers(step, opened.timetable or _timetable_before_timers(step, requested_at), fired)
        del self._open[step.key, self.round]
        verdict = self._verdicts[step.key, self.round]
        self._mark(step, verdict)
        if verdict.deadline is AtDeadline.FAIL:
            raise NobodyAnswered(f"{step.key}: nobody answered in time")
        if verdict.verdict is ApprovalState.WITHDRAWN:
            raise CaseWithdrawn
        return verdict

    async def _run_timers(self, step: Step, timetable: Timetable, fired: TimerFired) -> None:
        """Remind, escalate, and close at the deadline, until there is a verdict."""
        for timer in timetable.timers:
            if not await self._decided(step, timer.at, f"{step.label}: {_TIMER_NAMES[timer.kind]} {timer.number}"):
                activity = remind_approvers if timer.kind is TimerKind.REMIND else escalate_approval
                due = fired.model_copy(update={"number": timer.number, "last": timer.last})
                await workflow.execute_local_activity(activity, due, **WORKFLOW_WRITES)
        if not await self._decided(step, timetable.expires_at, f"{step.label}: deadline"):
            # The row decides, not the timer: a decision in time counts even if its signal comes later.
            verdict = ApprovalState.WITHDRAWN if self.withdrawn else ApprovalState.EXPIRED
            closing = DeadlineReached(**fired.model_dump(), verdict=verdict)
            closed = await workflow.execute_local_activity(close_approval, closing, **WORKFLOW_WRITES)
            self._note(closed)

    async def _decided(self, step: Step, until: datetime, timer: str) -> bool:
        """Whether the verdict came by then; a withdrawal ends the wait too. Operators read what the timer is for."""
        key = (step.key, self.round)

        def over() -> bool:
            return key in self._verdicts or self.withdrawn is not None

        left = until - workflow.now()
        if left > timedelta(0):
            try:
                await workflow.wait_condition(over, timeout=left, timeout_summary=timer)
            except TimeoutError:
                return key in self._verdicts
        return key in self._verdicts

    def _mark(self, step: Step, verdict: Verdict) -> None:
        marks = {
            ApprovalState.APPROVED: (self.progress.done, N_("{names} approved")),
            ApprovalState.SENT_BACK: (self.progress.sent_back, N_("{names} requested changes")),
            ApprovalState.REJECTED: (self.progress.failed, N_("{names} rejected")),
            ApprovalState.EXPIRED: (self.progress.failed, N_("Nobody decided in time")),
            ApprovalState.WITHDRAWN: (self.progress.failed, N_("Withdrawn")),
            ApprovalState.NOT_NEEDED: (self.progress.done, N_("Continued without a decision")),
        }
        mark, detail = marks[verdict.verdict]
        mark(step.key, verdict.at, detail.format(names=verdict.names))

    async def _amended_within(self, time: timedelta) -> bool:
        """Wait for the next version of the form; False if none came in time. Stops if the case is withdrawn."""

        def over() -> bool:
            return self._amended is not None or self.withdrawn is not None

        try:
            await workflow.wait_condition(over, timeout=time, timeout_summary="Time to change the request")
        except TimeoutError:
            return False
        if self._amended is None:
            self.stop_if_withdrawn()
            return False
        self._take_over(self._amended)
        self._amended = None
        self.round += 1
        return True

    def _take_over(self, newer: Amended) -> None:
        try:
            form = type(self.case.input).model_validate(newer.input)
        except ValidationError:
            workflow.logger.error("version %s of the form does not fit and is ignored", newer.version)
            self.attention = N_("Version {version} of the form does not fit the process and was ignored.").format(
                version=newer.version
            )
            return
        self.case = self.case.model_copy(update={"input": form, "version": newer.version})


def _timetable_before_timers(step: Step, requested_at: datetime) -> Timetable:
    """For approvals opened before they kept their own timetable: one reminder, then one escalation."""
    lengths = ((TimerKind.REMIND, step.reminder), (TimerKind.ESCALATE, step.escalation))
    timers = tuple(Timer(at=requested_at + after, kind=kind, number=1) for kind, after in lengths if after)
    return Timetable(due_at=requested_at + step.due, timers=timers, expires_at=requested_at + step.deadline)


def _undecided(steps: Sequence[Step], decided: list[str]) -> list[Step]:
    return [step for step in steps if step.key not in decided]
