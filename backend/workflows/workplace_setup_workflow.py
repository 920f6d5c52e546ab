"""A workplace: a desk, kept until it is used."""

from datetime import date, timedelta

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.assign_workplace_activity import assign_workplace
    from backend.activities.release_workplace_activity import release_workplace
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.progress import Milestone
    from backend.services.workplaces import WorkplaceRequest
    from backend.workflows.core.child_workflow import ChildWorkflow
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
    """Found, then used."""
    return [Milestone(key="found", label="Desk found"), Milestone(key="used", label="In use")]


@workflow.defn
class WorkplaceSetupWorkflow(ChildWorkflow):
    """One desk, from finding it to sitting at it."""

    @workflow.init
    def __init__(self, child: WorkplaceCase) -> None:
        super().__init__(child, workplace_milestones())

    @workflow.run
    async def run(self, child: WorkplaceCase) -> ChildEnd:  # noqa: ARG002 - as `init` has it
        """Assign and keep; or free it again."""
        return await self.conclude(self._set_up())

    async def _set_up(self) -> ChildEnd:
        self.now_at.working("found", "A desk is being looked for", workflow.now())
        found = await self.saga.do(assign_workplace, self._request(), undo=release_workplace, config=OUTSIDE)
        desk = f"Desk {found.number}, {found.department}"
        self.now_at.done("found", workflow.now(), desk)
        self.now_at.working("used", "Kept free until the first day", workflow.now())
        await self.tell()
        await self.until(lambda: morning_of(self.child.input.start_date))
        self.now_at.done("used", workflow.now())
        self.now_at.sentence = ""
        return ChildEnd(facts={"Desk": desk})

    def _request(self) -> WorkplaceRequest:
        key = self.child.effect_key("workplace")
        return WorkplaceRequest(tenant=self.child.tenant, key=key, department=self.child.input.department)
