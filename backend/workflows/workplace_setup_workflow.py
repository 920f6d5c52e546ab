"""A workplace: a desk, reserved until the first day."""

from datetime import date, datetime, timedelta

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.assign_workplace_activity import assign_workplace
    from backend.activities.release_workplace_activity import release_workplace
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.i18n import N_
    from backend.kit.progress import Milestone
    from backend.services.workplaces import WorkplaceRequest
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


class WorkplaceSetup(BaseModel):
    """Where somebody will sit, and from when on."""

    department: str
    start_date: date


WorkplaceCase = ChildCase[WorkplaceSetup]


def workplace_milestones() -> list[Milestone]:
    """Assigned, then in use."""
    return [Milestone(key="found", label=N_("Desk assigned")), Milestone(key="used", label=N_("Desk in use"))]


@workflow.defn
class WorkplaceSetupWorkflow(ChildWorkflow):
    """One desk, from its assignment to the first day."""

    @workflow.init
    def __init__(self, child: WorkplaceCase) -> None:
        super().__init__(child, workplace_milestones())

    @workflow.run
    @concluded
    async def run(self, child: WorkplaceCase) -> ChildEnd:
        """Assign a desk and keep it free until the first day; release it if the onboarding stops."""
        self.progress.begin("found", N_("Assigning a desk"), workflow.now())
        assigned = await self.saga.do(assign_workplace, _request(child), undo=release_workplace, config=OUTSIDE)
        desk = N_("Desk {number}, {name}").format(number=assigned.number, name=assigned.department)
        self.progress.done("found", workflow.now(), desk)

        self.progress.begin("used", N_("Reserved until the first day"), workflow.now())
        await self.report()
        await self.sleep_until(self._first_morning)
        self.progress.done("used", workflow.now())
        self.progress.sentence = ""
        return ChildEnd(facts={N_("Desk"): desk})

    def _first_morning(self) -> datetime:
        return morning_of(self.child.input.start_date)


def _request(child: WorkplaceCase) -> WorkplaceRequest:
    key = child.effect_key("workplace")
    return WorkplaceRequest(tenant=child.tenant, key=key, department=child.input.department)
