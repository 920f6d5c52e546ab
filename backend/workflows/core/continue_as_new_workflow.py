"""A case whose work is more than one history should hold: it goes on as a new run and takes along what it knows."""

from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.kit.case import Carried, Case
    from backend.kit.progress import Milestone
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.offers import Offers


class LongWorkflow(CaseWorkflow):
    """Base of such processes. They go on between two pieces of work, never while an offer to people is open."""

    def __init__(self, case: Case[Any, Any], milestones: list[Milestone], carried: Carried | None) -> None:
        super().__init__(case, milestones)
        self.pieces = 0
        if carried is not None:
            self._take_up(carried)

    async def piece_done(self, carried: Carried, at_most: int) -> None:
        """Note a piece of work; after so many, or when Temporal suggests it, go on as a new run with this."""
        self.pieces += 1
        if self.pieces >= at_most or workflow.info().is_continue_as_new_suggested():
            # A signal that is being handled would be lost with this run.
            await workflow.wait_condition(workflow.all_handlers_finished)
            case = self.case.model_copy(update={"carried": carried.model_dump(mode="json")})
            workflow.continue_as_new(case)

    def known(self) -> dict[str, Any]:
        """What every case carries."""
        return {
            "progress": self.now_at,
            "round": self.round,
            "recalled": self.recalled,
            "attention": self.attention,
            "amended": self._amended,
            "decisions": list(self._decisions.values()),
            "offers": self._offers.made,
        }

    def _take_up(self, carried: Carried) -> None:
        self.now_at = carried.progress
        self.round = carried.round
        self.recalled = carried.recalled
        self.attention = carried.attention
        self._amended = carried.amended
        self._decisions = {(each.step, each.round): each for each in carried.decisions}
        self._offers = Offers(carried.offers)
