"""Test processes that wait for a case action or a timeout."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.kit.case import Carried, Case, CaseEnd
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.core.continue_as_new_workflow import ContinueAsNewWorkflow
    from backend.workflows.purchase import PurchaseApproval, PurchasePlan
    from tests.support.acting import HURRY, MOVE

WAIT = timedelta(days=3)


@workflow.defn
class ParcelWorkflow(CaseWorkflow):
    """Can be moved repeatedly, until it is hurried or three days have passed."""

    outcomes = frozenset({"expired", "ordered", "recalled"})

    @workflow.init
    def __init__(self, case: Case[PurchaseApproval, PurchasePlan]) -> None:
        super().__init__(case, [])

    @workflow.run
    @concluded
    async def run(self, case: Case[PurchaseApproval, PurchasePlan]) -> CaseEnd:
        """Wait for actions and report the last one."""
        until = workflow.now() + WAIT
        while True:
            act = await self.offer(MOVE, HURRY, until=until, then="it is sent as it is.")
            if act is None:
                return CaseEnd(outcome="expired", sentence="Nobody acted.")
            if act.action == HURRY.key:
                day = self.case.input.needed_by
                return CaseEnd(outcome="ordered", sentence=f"{act.name} hurried it, needed by {day}.")


@workflow.defn
class UndeclaredParcelWorkflow(ParcelWorkflow):
    """The same with a defect: it does not declare the outcome “ordered”."""

    outcomes = frozenset({"expired"})

    @workflow.init
    def __init__(self, case: Case[PurchaseApproval, PurchasePlan]) -> None:
        super().__init__(case)

    @workflow.run
    async def run(self, case: Case[PurchaseApproval, PurchasePlan]) -> CaseEnd:
        """As before."""
        return await super().run(case)


@workflow.defn
class LongParcelWorkflow(ContinueAsNewWorkflow):
    """The same, but it continues as a new run after each move."""

    outcomes = frozenset({"recalled", "ordered"})

    @workflow.init
    def __init__(self, case: Case[PurchaseApproval, PurchasePlan]) -> None:
        super().__init__(case, [], Carried.of(case))

    @workflow.run
    @concluded
    async def run(self, case: Case[PurchaseApproval, PurchasePlan]) -> CaseEnd:
        """Wait for actions and report the last one."""
        while True:
            act = await self.offer(MOVE, HURRY)
            if act is None:
                return CaseEnd(outcome="recalled", sentence="Nobody acted.")
            if act.action == HURRY.key:
                day = self.case.input.needed_by
                return CaseEnd(outcome="ordered", sentence=f"{act.name} hurried it, needed by {day}.")
            await self.batch_done(Carried(**self.carried()), at_most=1)
