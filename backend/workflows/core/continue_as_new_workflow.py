"""A case with more work than one history should hold: it continues as a new run and carries its state along."""

from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.kit.case import Carried, Case
    from backend.kit.progress import Milestone
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.offers import Offers


class ContinueAsNewWorkflow(CaseWorkflow):
    """Base of processes that work in batches. They continue between two batches, never while an offer is open."""

    def __init__(self, case: Case[Any, Any], milestones: list[Milestone], carried: Carried | None) -> None:
        super().__init__(case, milestones)
        self.batches = 0
        if carried is not None:
            self._restore(carried)

    async def batch_done(self, carried: Carried, at_most: int) -> None:
        """Count a batch; after so many, or when Temporal suggests it, continue as a new run with this state."""
        self.batches += 1
        if self.batches >= at_most or workflow.info().is_continue_as_new_suggested():
            # A signal that is being handled would be lost with this run.
            await workflow.wait_condition(workflow.all_handlers_finished)
            case = self.case.model_copy(update={"carried": carried.model_dump(mode="json")})
            workflow.continue_as_new(case)

    def carried(self) -> dict[str, Any]:
        """What every case carries along."""
        return {
            "progress": self.progress,
            "round": self.round,
            "recalled": self.withdrawn,
            "attention": self.attention,
            "amended": self._amended,
            "decisions": list(self._verdicts.values()),
            "offers": self._offers.made,
        }

    def _restore(self, carried: Carried) -> None:
        self.progress = carried.progress
        self.round = carried.round
        self.withdrawn = carried.recalled
        self.attention = carried.attention
        self._amended = carried.amended
        self._verdicts = {(each.step, each.round): each for each in carried.decisions}
        self._offers = Offers(carried.offers)
