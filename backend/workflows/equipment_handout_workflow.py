"""Equipment: set aside at once, handed out on the first day."""

from datetime import date, datetime, timedelta

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.hand_out_equipment_activity import hand_out_equipment
    from backend.activities.release_equipment_activity import release_equipment
    from backend.activities.reserve_equipment_activity import reserve_equipment
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.i18n import N_
    from backend.kit.progress import Milestone
    from backend.services.equipment import EquipmentRequest
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


class EquipmentHandout(BaseModel):
    """What somebody needs, and when."""

    items: list[str]
    start_date: date


EquipmentCase = ChildCase[EquipmentHandout]


def equipment_milestones() -> list[Milestone]:
    """Set aside, then handed out."""
    return [Milestone(key="reserved", label=N_("Set aside")), Milestone(key="handed_out", label=N_("Handed out"))]


@workflow.defn
class EquipmentHandoutWorkflow(ChildWorkflow):
    """The equipment of one person, from the storeroom to the handout."""

    @workflow.init
    def __init__(self, child: EquipmentCase) -> None:
        super().__init__(child, equipment_milestones())

    @workflow.run
    @concluded
    async def run(self, child: EquipmentCase) -> ChildEnd:
        """Set the equipment aside and hand it out on the first day; put it back if the onboarding stops."""
        self.progress.begin("reserved", N_("Setting the equipment aside"), workflow.now())
        request = _request(child, "equipment")
        reserved = await self.saga.do(reserve_equipment, request, undo=release_equipment, config=OUTSIDE)
        self.progress.done("reserved", workflow.now(), reserved.tag)

        self.progress.begin("handed_out", ", ".join(child.input.items), workflow.now())
        await self.report()
        await self.sleep_until(self._first_morning)
        await self.do_for_good(hand_out_equipment, _request(child, "equipment_handout"), OUTSIDE)
        self.progress.done("handed_out", workflow.now())
        return ChildEnd(facts={N_("Equipment"): reserved.tag})

    def _first_morning(self) -> datetime:
        return morning_of(self.child.input.start_date)


def _request(child: EquipmentCase, step: str) -> EquipmentRequest:
    return EquipmentRequest(tenant=child.tenant, key=child.effect_key(step), items=child.input.items)
