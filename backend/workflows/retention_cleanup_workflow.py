"""Retention: what nobody needs any more is removed, kind by kind, and a report says how much it was."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.remove_leftovers_activity import remove_leftovers
    from backend.cases.operations.retention import Leftover, Sweep, Swept
    from backend.kit.case import Carried, Case, CaseEnd
    from backend.kit.fields import FormField
    from backend.kit.progress import Milestone, MilestoneState
    from backend.workflows.core.long_workflow import LongWorkflow
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.task_queues import activity_queue

LABELS = {
    Leftover.SESSIONS: "Ended sessions",
    Leftover.DRAFTS: "Old drafts",
    Leftover.FILES: "Files of no case",
    Leftover.BYTES: "Lost bytes",
    Leftover.MESSAGES: "Passed-on messages",
}
BATCHED = workflow.ActivityConfig(
    task_queue=activity_queue("operations"),
    start_to_close_timeout=timedelta(hours=1),
    heartbeat_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)


class RetentionCleanup(BaseModel):
    """How to clean up; how long things are kept is a setting."""

    model_config = ConfigDict(extra="forbid")

    only_count: Annotated[bool, FormField()] = Field(
        title="Only count, remove nothing",
        default=False,
        description="Cases, decisions and the audit trail are never touched.",
    )


class RetentionPlan(BaseModel):
    """How long each kind is kept after its last use, and how much is removed at a time."""

    sessions: timedelta = timedelta(days=1)
    drafts: timedelta = timedelta(days=90)
    files: timedelta = timedelta(days=7)
    bytes: timedelta = timedelta(days=7)
    messages: timedelta = timedelta(days=30)
    batch: int = Field(default=500, ge=1, le=10_000)
    batches_a_call: int = Field(default=20, ge=1)
    calls_a_run: int = Field(default=200, ge=1)


RetentionCase = Case[RetentionCleanup, RetentionPlan]


class RetentionSoFar(Carried):
    """How much of each kind was removed, and which kinds are done."""

    removed: dict[Leftover, int]
    finished: list[Leftover]


def retention_milestones(case: RetentionCase) -> list[Milestone]:
    """One for each kind of leftover."""
    begun = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    kinds = [Milestone(key=kind, label=label) for kind, label in LABELS.items()]
    return [Milestone(key="sent", label="Started", state=MilestoneState.DONE, **begun), *kinds]


@workflow.defn
class RetentionCleanupWorkflow(LongWorkflow):
    """One clean-up, over as many runs as it takes."""

    @workflow.init
    def __init__(self, case: RetentionCase) -> None:
        so_far = RetentionSoFar.of(case)
        super().__init__(case, retention_milestones(case), so_far)
        self.removed = so_far.removed if so_far else {}
        self.finished = so_far.finished if so_far else []

    @workflow.run
    async def run(self, case: RetentionCase) -> CaseEnd:  # noqa: ARG002 - as `init` has it
        """Kind by kind, then the report."""
        return await self.conclude(self._clean_up())

    async def _clean_up(self) -> CaseEnd:
        for kind in Leftover:
            if kind not in self.finished and not self.recalled:
                await self._sweep(kind)
        if len(self.finished) < len(Leftover):
            return self._end("recalled", "The clean-up was stopped; what was removed is gone.")
        return self._finished(sum(self.removed.values()))

    def _finished(self, count: int) -> CaseEnd:
        outcome = "counted" if self.case.input.only_count else "cleaned_up"
        things = "One thing" if count == 1 else f"{count:,} things"
        if not count:
            return self._end(outcome, "Nothing is old enough to be removed.")
        if self.case.input.only_count:
            return self._end(outcome, f"{things} could be removed. Nothing was.")
        return self._end(outcome, f"{things} {'was' if count == 1 else 'were'} removed.")

    async def _sweep(self, kind: Leftover) -> None:
        """Remove all of this kind, some batches a call; the recall of a case is heard between two calls."""
        doing = "counted" if self.case.input.only_count else "removed"
        self.now_at.working(kind, f"{LABELS[kind]} are being {doing}", workflow.now())
        await self.report()
        while not self.recalled:
            swept: Swept = await workflow.execute_activity(remove_leftovers, self._order(kind), **BATCHED)
            self.removed[kind] = swept.removed
            if not swept.more:
                self.finished.append(kind)
                self.now_at.done(kind, workflow.now(), f"{swept.removed:,}")
                return
            self.now_at.milestone(kind).detail = f"{swept.removed:,} so far"
            so_far = RetentionSoFar(**self.known(), removed=self.removed, finished=self.finished)
            await self.piece_done(so_far, at_most=self.case.plan.calls_a_run)

    def _order(self, kind: Leftover) -> Sweep:
        plan = self.case.plan
        return Sweep(
            tenant=self.case.tenant,
            key=f"{self.case.reference}:{kind}",
            kind=kind,
            older_than=getattr(plan, kind),
            batch=plan.batch,
            batches=plan.batches_a_call,
            only_count=self.case.input.only_count,
        )

    def _end(self, outcome: str, sentence: str) -> CaseEnd:
        facts = {LABELS[kind]: f"{count:,}" for kind, count in self.removed.items()}
        return CaseEnd(outcome=outcome, sentence=sentence, facts=facts)
