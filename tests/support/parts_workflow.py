"""A case with one part whose plan changes at once, before and after the part has started."""

from datetime import date
from typing import Any
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.kit.child import ChildCase, ChildEnd
    from backend.kit.progress import ChildProgress, Milestone, Progress
    from backend.workflows.core.child_workflow import ChildWorkflow
    from backend.workflows.core.children import Children
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.workplace_setup_workflow import WorkplaceSetup

FORMER, LATER = (WorkplaceSetup(department=name, start_date=date(2027, 3, 1)) for name in ("Office", "Workshop"))
Part = ChildCase[WorkplaceSetup]


@workflow.defn
class PartWorkflow(ChildWorkflow):
    """Waits for a change of plan, or for a day."""

    @workflow.init
    def __init__(self, child: Part) -> None:
        super().__init__(child, [Milestone(key="found", label="Found")])

    @workflow.run
    @concluded
    async def run(self, child: Part) -> ChildEnd:
        """Return the final department."""
        await workflow.wait_condition(lambda: self.child.input == LATER)
        return ChildEnd(facts={"Department": self.child.input.department})


@workflow.defn
class PartsWorkflow:
    """Starts its part and changes the plan in the same moment."""

    def __init__(self) -> None:
        self.progress = Progress()
        self.children = Children(workflow.info().workflow_id, lambda: self.progress, self._changed)

    async def _changed(self) -> None:
        """Report nothing."""

    @workflow.signal
    def child_moved(self, child: ChildProgress) -> None:
        """Record the progress of the part."""
        self.progress.put_child(child)

    @workflow.run
    async def run(self) -> dict[str, Any]:
        """Return the result of the part."""
        part = Part(tenant="default", case_id=UUID(int=1), reference="X-1", key="part", label="Part", input=FORMER)
        self.children.start(PartWorkflow.run, part)
        await self.children.change_plan("part", LATER)
        await workflow.wait_condition(lambda: self.children.over)
        return dict(self.children.facts)
