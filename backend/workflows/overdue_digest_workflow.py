"""Overdue digest: each approver hears once a day, in one mail, what they have let lie."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.remind_overdue_activity import remind_overdue
    from backend.cases.inbox.overdue_reminders import Round, Rounded
    from backend.kit.case import Carried, Case, CaseEnd
    from backend.kit.fields import FormField
    from backend.kit.progress import Milestone, MilestoneState
    from backend.workflows.core.long_workflow import LongWorkflow
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.task_queues import activity_queue

BATCHED = workflow.ActivityConfig(
    task_queue=activity_queue("operations"),
    start_to_close_timeout=timedelta(minutes=10),
    heartbeat_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)


class OverdueDigest(BaseModel):
    """Whom to remind, and what to add."""

    model_config = ConfigDict(extra="forbid")

    late_hours: Annotated[int, FormField(width="narrow")] = Field(
        title="Overdue for at least, in hours", default=0, ge=0, le=720
    )
    remark: Annotated[str, FormField(widget="long")] = Field(
        title="A line of yours", default="", max_length=500, description="It stands above the list."
    )


class DigestPlan(BaseModel):
    """How many people are visited at a time, and how many times in one run."""

    people_a_call: int = Field(default=50, ge=1, le=1_000)
    calls_a_run: int = Field(default=200, ge=1)


DigestCase = Case[OverdueDigest, DigestPlan]


class DigestSoFar(Carried):
    """How many were told, and after whom to go on."""

    told: int
    after: str


def digest_milestones(case: DigestCase) -> list[Milestone]:
    """Started, told."""
    begun = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    return [
        Milestone(key="sent", label="Started", state=MilestoneState.DONE, **begun),
        Milestone(key="told", label="Approvers told"),
    ]


@workflow.defn
class OverdueDigestWorkflow(LongWorkflow):
    """One round over all approvers."""

    @workflow.init
    def __init__(self, case: DigestCase) -> None:
        so_far = DigestSoFar.of(case)
        super().__init__(case, digest_milestones(case), so_far)
        self.told, self.after = (so_far.told, so_far.after) if so_far else (0, "")

    @workflow.run
    async def run(self, case: DigestCase) -> CaseEnd:  # noqa: ARG002 - as `init` has it
        """Visit them all, then say how many were told."""
        return await self.conclude(self._go_round())

    async def _go_round(self) -> CaseEnd:
        self.now_at.working("told", "Approvers are being told what is overdue", workflow.now())
        await self.report()
        while not self.recalled:
            rounded: Rounded = await workflow.execute_activity(remind_overdue, self._round(), **BATCHED)
            self.told = rounded.told
            if rounded.after is None:
                self.now_at.done("told", workflow.now(), self._count())
                return self._end("told" if self.told else "nothing_overdue")
            self.after = rounded.after
            self.now_at.milestone("told").detail = f"{self._count()} so far"
            so_far = DigestSoFar(**self.known(), told=self.told, after=self.after)
            await self.piece_done(so_far, at_most=self.case.plan.calls_a_run)
        return self._end("recalled")

    def _round(self) -> Round:
        form = self.case.input
        return Round(
            tenant=self.case.tenant,
            key=f"{self.case.reference}:told",
            opened_at=self.case.opened_at,
            late_by=timedelta(hours=form.late_hours),
            remark=form.remark,
            after=self.after,
            people=self.case.plan.people_a_call,
        )

    def _count(self) -> str:
        return "1 person" if self.told == 1 else f"{self.told:,} people"

    def _end(self, outcome: str) -> CaseEnd:
        sentences = {
            "told": f"{self._count()} heard what is overdue.",
            "nothing_overdue": "Nobody had to be told today.",
            "recalled": f"It was stopped after {self._count()}.",
        }
        return CaseEnd(outcome=outcome, sentence=sentences[outcome], facts={"Told": self._count()})
