"""Overdue digest: one daily email to each approver with their overdue approvals."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.remind_overdue_activity import remind_overdue
    from backend.cases.inbox.overdue_reminders import Round, Rounded
    from backend.kit.case import Carried, Case, CaseEnd
    from backend.kit.fields import FormField
    from backend.kit.i18n import N_, NN_
    from backend.kit.progress import Milestone, MilestoneState
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.core.continue_as_new_workflow import ContinueAsNewWorkflow
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.task_queues import activity_queue

BATCHED = workflow.ActivityConfig(
    task_queue=activity_queue("operations"),
    start_to_close_timeout=timedelta(minutes=10),
    heartbeat_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)


class OverdueDigest(BaseModel):
    """Who is reminded, and of what."""

    model_config = ConfigDict(extra="forbid")

    late_hours: Annotated[int, FormField(width="narrow")] = Field(
        title=N_("Overdue for at least (hours)"), default=0, ge=0, le=720
    )
    remark: Annotated[str, FormField(widget="long")] = Field(
        title=N_("Message"), default="", max_length=500, description=N_("Shown above the list.")
    )


class DigestPlan(BaseModel):
    """How many people are reminded per activity, and how many activities there are in one run."""

    people_a_call: int = Field(default=50, ge=1, le=1_000)
    calls_a_run: int = Field(default=200, ge=1)


DigestCase = Case[OverdueDigest, DigestPlan]


class DigestSoFar(Carried):
    """How many were reminded, and who was the last."""

    told: int
    after: str


def digest_milestones(case: DigestCase) -> list[Milestone]:
    """Started, reminded."""
    started = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    return [
        Milestone(key="sent", label=N_("Started"), state=MilestoneState.DONE, **started),
        Milestone(key="told", label=N_("Approvers reminded")),
    ]


@workflow.defn
class OverdueDigestWorkflow(ContinueAsNewWorkflow):
    """One digest for all approvers."""

    outcomes = frozenset({"told", "nothing_overdue", "recalled"})

    @workflow.init
    def __init__(self, case: DigestCase) -> None:
        so_far = DigestSoFar.of(case)
        super().__init__(case, digest_milestones(case), so_far)
        self.reminded, self.after = (so_far.told, so_far.after) if so_far else (0, "")

    @workflow.run
    @concluded
    async def run(self, case: DigestCase) -> CaseEnd:
        """Remind the approvers, some at a time, then report how many there were."""
        self.progress.begin("told", N_("Reminding approvers of what is overdue"), workflow.now())
        await self.report()
        while await self._remind_some(case.plan):
            self.progress.milestone("told").detail = N_("{amount} so far").format(amount=f"{self.reminded:,}")
            so_far = DigestSoFar(**self.carried(), told=self.reminded, after=self.after)
            await self.batch_done(so_far, at_most=case.plan.calls_a_run)
        self.progress.done("told", workflow.now(), self._people())
        return self._reported()

    async def _remind_some(self, plan: DigestPlan) -> bool:
        """Remind the next people; whether there are more. A withdrawal is noticed between two activities."""
        self.stop_if_withdrawn()
        form = self.case.input
        batch = Round(
            tenant=self.case.tenant,
            key=f"{self.case.reference}:told",
            opened_at=self.case.opened_at,
            late_by=timedelta(hours=form.late_hours),
            remark=form.remark,
            after=self.after,
            people=plan.people_a_call,
        )
        done: Rounded = await workflow.execute_activity(remind_overdue, batch, **BATCHED)
        self.reminded = done.told
        self.after = done.after or self.after
        return done.after is not None

    def _people(self) -> str:
        return NN_("{count} person", "{count} people", self.reminded).format(count=f"{self.reminded:,}")

    def _reported(self) -> CaseEnd:
        facts = {N_("Reminded"): self._people()}
        if not self.reminded:
            return CaseEnd(outcome="nothing_overdue", sentence=N_("Nothing is overdue."), facts=facts)
        sentence = NN_("{count} person was reminded.", "{count} people were reminded.", self.reminded)
        return CaseEnd(outcome="told", sentence=sentence.format(count=f"{self.reminded:,}"), facts=facts)

    def withdrawn_end(self) -> CaseEnd:
        """Those who were reminded stay reminded."""
        sentence = NN_("Stopped after {count} person.", "Stopped after {count} people.", self.reminded)
        facts = {N_("Reminded"): self._people()}
        return CaseEnd(outcome="recalled", sentence=sentence.format(count=f"{self.reminded:,}"), facts=facts)
