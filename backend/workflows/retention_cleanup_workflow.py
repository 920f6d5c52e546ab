"""Retention: remove what nobody needs any more, kind by kind, and report how much it was."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.remove_leftovers_activity import remove_leftovers
    from backend.cases.operations.retention import Leftover, Sweep, Swept
    from backend.kit.case import Carried, Case, CaseEnd
    from backend.kit.fields import FormField
    from backend.kit.i18n import N_, NN_
    from backend.kit.progress import Milestone, MilestoneState
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.core.continue_as_new_workflow import ContinueAsNewWorkflow
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.task_queues import activity_queue

LABELS = {
    Leftover.SESSIONS: N_("Expired sessions"),
    Leftover.DRAFTS: N_("Old drafts"),
    Leftover.FILES: N_("Files without a case"),
    Leftover.BYTES: N_("Orphaned file contents"),
    Leftover.MESSAGES: N_("Delivered messages"),
}
BATCHED = workflow.ActivityConfig(
    task_queue=activity_queue("operations"),
    start_to_close_timeout=timedelta(hours=1),
    heartbeat_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)


class RetentionCleanup(BaseModel):
    """How to clean up; retention periods are settings."""

    model_config = ConfigDict(extra="forbid")

    only_count: Annotated[bool, FormField()] = Field(
        title=N_("Only count, remove nothing"),
        default=False,
        description=N_("Cases, decisions and the audit log are never touched."),
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
    started = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    kinds = [Milestone(key=kind, label=label) for kind, label in LABELS.items()]
    return [Milestone(key="sent", label=N_("Started"), state=MilestoneState.DONE, **started), *kinds]


@workflow.defn
class RetentionCleanupWorkflow(ContinueAsNewWorkflow):
    """One cleanup, over as many runs as it takes."""

    outcomes = frozenset({"cleaned_up", "counted", "recalled"})

    @workflow.init
    def __init__(self, case: RetentionCase) -> None:
        so_far = RetentionSoFar.of(case)
        super().__init__(case, retention_milestones(case), so_far)
        self.removed = so_far.removed if so_far else {}
        self.finished = so_far.finished if so_far else []

    @workflow.run
    @concluded
    async def run(self, case: RetentionCase) -> CaseEnd:
        """Remove one kind after the other, then report."""
        for kind in Leftover:
            if kind not in self.finished:
                self.stop_if_withdrawn()
                await self._remove(kind, case.plan)
        return self._cleaned_up(sum(self.removed.values()))

    async def _remove(self, kind: Leftover, plan: RetentionPlan) -> None:
        """Remove all of this kind, some batches per activity; a withdrawal is noticed between two activities."""
        doing = N_("Counting: {kind}") if self.case.input.only_count else N_("Removing: {kind}")
        self.progress.begin(kind, doing.format(kind=LABELS[kind]), workflow.now())
        await self.report()
        while True:
            self.stop_if_withdrawn()
            swept: Swept = await workflow.execute_activity(remove_leftovers, self._sweep(kind, plan), **BATCHED)
            self.removed[kind] = swept.removed
            if not swept.more:
                self.finished.append(kind)
                self.progress.done(kind, workflow.now(), f"{swept.removed:,}")
                return
            self.progress.milestone(kind).detail = N_("{amount} so far").format(amount=f"{swept.removed:,}")
            so_far = RetentionSoFar(**self.carried(), removed=self.removed, finished=self.finished)
            await self.batch_done(so_far, at_most=plan.calls_a_run)

    def _sweep(self, kind: Leftover, plan: RetentionPlan) -> Sweep:
        return Sweep(
            tenant=self.case.tenant,
            key=f"{self.case.reference}:{kind}",
            kind=kind,
            older_than=getattr(plan, kind),
            batch=plan.batch,
            batches=plan.batches_a_call,
            only_count=self.case.input.only_count,
        )

    def _cleaned_up(self, count: int) -> CaseEnd:
        if not count:
            sentence = N_("Nothing is old enough to be removed.")
        elif self.case.input.only_count:
            sentence = NN_("{count} item could be removed.", "{count} items could be removed.", count)
        else:
            sentence = NN_("{count} item was removed.", "{count} items were removed.", count)
        outcome = "counted" if self.case.input.only_count else "cleaned_up"
        return CaseEnd(outcome=outcome, sentence=sentence.format(count=f"{count:,}"), facts=self._facts())

    def withdrawn_end(self) -> CaseEnd:
        """What was removed stays removed."""
        sentence = N_("The cleanup was stopped. What was already removed cannot be restored.")
        return CaseEnd(outcome="recalled", sentence=sentence, facts=self._facts())

    def _facts(self) -> dict[str, str]:
        return {LABELS[kind]: f"{count:,}" for kind, count in self.removed.items()}
