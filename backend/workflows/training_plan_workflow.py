"""Training: a place is booked, and the manager reminded before the first day."""

from datetime import date, datetime, timedelta

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.book_training_activity import book_training
    from backend.activities.cancel_training_activity import cancel_training
    from backend.activities.remind_person_activity import remind_person
    from backend.cases.notifications.reminders import Reminder
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.progress import Milestone
    from backend.services.trainings import TrainingRequest
    from backend.workflows.core.child_workflow import ChildWorkflow
    from backend.workflows.core.days import morning_of
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.task_queues import activity_queue

OUTSIDE = workflow.ActivityConfig(
    task_queue=activity_queue("people"),
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)

REMIND_BEFORE = (timedelta(days=7), timedelta(days=1))


class TrainingPlan(BaseModel):
    """Who learns what from when on, and who has to make time for it."""

    name: str
    role: str
    manager: str
    start_date: date


TrainingCase = ChildCase[TrainingPlan]


def training_milestones() -> list[Milestone]:
    """Booked, remembered, begun."""
    return [
        Milestone(key="booked", label="Place booked"),
        Milestone(key="reminded", label="Manager reminded"),
        Milestone(key="begun", label="Begun"),
    ]


@workflow.defn
class TrainingPlanWorkflow(ChildWorkflow):
    """The training of one person, from the booking to the first lesson."""

    @workflow.init
    def __init__(self, child: TrainingCase) -> None:
        super().__init__(child, training_milestones())

    @workflow.run
    async def run(self, child: TrainingCase) -> ChildEnd:  # noqa: ARG002 - as `init` has it
        """Book, remind, begin; or give the place back."""
        return await self.conclude(self._train())

    async def _train(self) -> ChildEnd:
        self.now_at.working("booked", "A place is being booked", workflow.now())
        booked = await self.saga.do(book_training, self._request(), undo=cancel_training, config=OUTSIDE)
        self.now_at.done("booked", workflow.now(), booked.course)
        self.now_at.working("reminded", "The manager is reminded a week and a day before", workflow.now())
        await self.tell()
        for ahead in REMIND_BEFORE:
            await self._remind(ahead)
        self.now_at.done("reminded", workflow.now())
        self.now_at.working("begun", "Begins on the first day", workflow.now())
        await self.tell()
        await self.until(self._begin)
        self.now_at.done("begun", workflow.now())
        self.now_at.sentence = ""
        return ChildEnd(facts={"Training": booked.course})

    def _begin(self) -> datetime:
        return morning_of(self.child.input.start_date)

    async def _remind(self, ahead: timedelta) -> None:
        """Remind once, unless that would be in the past already."""
        if self._begin() - ahead <= workflow.now():
            return
        await self.until(lambda: self._begin() - ahead, f"Reminder, {ahead.days} d before the first day")
        plan = self.child.input
        reminder = Reminder(
            tenant=self.child.tenant,
            case_id=self.child.case_id,
            key=self.child.effect_key(f"remind_{ahead.days}_days_before"),
            person=plan.manager,
            sentence=f"{plan.name} starts on {plan.start_date:%d %b %Y}; the training begins that day.",
        )
        await workflow.execute_activity(remind_person, reminder, **OUTSIDE)

    def _request(self) -> TrainingRequest:
        key = self.child.effect_key("training")
        return TrainingRequest(tenant=self.child.tenant, key=key, role=self.child.input.role)
