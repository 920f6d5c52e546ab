"""Training: a place is booked, and the manager is reminded before the first day."""

from datetime import date, datetime, timedelta

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.book_training_activity import book_training
    from backend.activities.cancel_training_activity import cancel_training
    from backend.activities.remind_person_activity import remind_person
    from backend.cases.notifications.reminders import Reminder
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.i18n import N_
    from backend.kit.progress import Milestone
    from backend.services.trainings import TrainingRequest
    from backend.workflows.core.child_workflow import ChildWorkflow
    from backend.workflows.core.conclusion import concluded
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
    """Who is trained for what from when on, and which manager has to make time for it."""

    name: str
    role: str
    manager: str
    start_date: date


TrainingCase = ChildCase[TrainingPlan]


def training_milestones() -> list[Milestone]:
    """Booked, manager reminded, started."""
    return [
        Milestone(key="booked", label=N_("Training booked")),
        Milestone(key="reminded", label=N_("Manager reminded")),
        Milestone(key="begun", label=N_("Training started")),
    ]


@workflow.defn
class TrainingPlanWorkflow(ChildWorkflow):
    """The training of one person, from the booking to the first lesson."""

    @workflow.init
    def __init__(self, child: TrainingCase) -> None:
        super().__init__(child, training_milestones())

    @workflow.run
    @concluded
    async def run(self, child: TrainingCase) -> ChildEnd:
        """Book the training, remind the manager, start; cancel the booking if the onboarding stops."""
        self.progress.begin("booked", N_("Booking the training"), workflow.now())
        booked = await self.saga.do(book_training, _request(child), undo=cancel_training, config=OUTSIDE)
        self.progress.done("booked", workflow.now(), booked.course)

        self.progress.begin("reminded", N_("The manager is reminded a week and a day before"), workflow.now())
        await self.report()
        for ahead in REMIND_BEFORE:
            await self._remind_manager(ahead)
        self.progress.done("reminded", workflow.now())

        self.progress.begin("begun", N_("Starts on the first day"), workflow.now())
        await self.report()
        await self.sleep_until(self._first_morning)
        self.progress.done("begun", workflow.now())
        self.progress.sentence = ""
        return ChildEnd(facts={N_("Training"): booked.course})

    def _first_morning(self) -> datetime:
        return morning_of(self.child.input.start_date)

    async def _remind_manager(self, ahead: timedelta) -> None:
        """Remind once, unless that would be in the past already."""
        if self._first_morning() - ahead <= workflow.now():
            return
        await self.sleep_until(lambda: self._first_morning() - ahead, f"Reminder, {ahead.days} d before the first day")
        plan = self.child.input
        day = f"{plan.start_date:%a} {plan.start_date.day} {plan.start_date:%b %Y}"
        reminder = Reminder(
            tenant=self.child.tenant,
            case_id=self.child.case_id,
            key=self.child.effect_key(f"remind_{ahead.days}_days_before"),
            person=plan.manager,
            sentence=N_("{name} starts on {day}; the training begins that day.").format(name=plan.name, day=day),
        )
        await workflow.execute_activity(remind_person, reminder, **OUTSIDE)


def _request(child: TrainingCase) -> TrainingRequest:
    return TrainingRequest(tenant=child.tenant, key=child.effect_key("training"), role=child.input.role)
