"""Equipment: laid aside at once, handed out on the first day."""

from datetime import date, timedelta

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.hand_out_equipment_activity import hand_out_equipment
    from backend.activities.release_equipment_activity import release_equipment
    from backend.activities.reserve_equipment_activity import reserve_equipment
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.progress import Milestone
    from backend.services.equipment import EquipmentRequest
    from backend.workflows.core.child_workflow import ChildWorkflow
    from backend.workflows.core.days import morning_of
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.task_queues import activity_queue

OUTSIDE = workflow.ActivityConfig(
    task_queue=activity_queue("people"),
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)


class EquipmentHandout(BaseModel):
    """What somebody needs, and when."""

    items: list[str]
    start_date: date


EquipmentCase = ChildCase[EquipmentHandout]


def equipment_milestones() -> list[Milestone]:
    """Laid aside, then handed out."""
    return [Milestone(key="reserved", label="Laid aside"), Milestone(key="handed_out", label="Handed out")]


@workflow.defn
class EquipmentHandoutWorkflow(ChildWorkflow):
    """All that one person needs, from the store to their hands."""

    @workflow.init
    def __init__(self, child: EquipmentCase) -> None:
        super().__init__(child, equipment_milestones())

    @workflow.run
    async def run(self, child: EquipmentCase) -> ChildEnd:  # noqa: ARG002 - as `init` has it
        """Reserve, wait, hand out; or put back."""
        return await self.conclude(self._hand_out())

    async def _hand_out(self) -> ChildEnd:
        self.now_at.working("reserved", "It is being laid aside", workflow.now())
        request = self._request("equipment")
        laid_aside = await self.saga.do(reserve_equipment, request, undo=release_equipment, config=OUTSIDE)
        self.now_at.done("reserved", workflow.now(), laid_aside.tag)
        self.now_at.working("handed_out", ", ".join(self.child.input.items), workflow.now())
        await self.tell()
        await self.until(lambda: morning_of(self.child.input.start_date))
        await self.to_its_end(hand_out_equipment, self._request("equipment_handout"), OUTSIDE)
        self.now_at.done("handed_out", workflow.now())
        return ChildEnd(facts={"Equipment": laid_aside.tag})

    def _request(self, step: str) -> EquipmentRequest:
        key = self.child.effect_key(step)
        return EquipmentRequest(tenant=self.child.tenant, key=key, items=self.child.input.items)
