"""A test process that requests one approval with any policy and reports the verdict."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.kit.approval import Step
    from backend.kit.case import Case, CaseEnd
    from backend.kit.progress import Milestone
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.core.outcomes import refused
    from backend.workflows.purchase import PurchaseApproval

FINANCE = Step(
    key="finance",
    label="Finance",
    question="Buy it?",
    who=("person:fay",),
    due=timedelta(days=1),
    deadline=timedelta(days=3),
    working_time=False,
)


class QuestionPlan(BaseModel):
    """The approval step with its policy."""

    step: Step = FINANCE


class Limit(BaseModel):
    """The fields that finance fills in to approve."""

    model_config = ConfigDict(extra="forbid")

    up_to: int = Field(title="Up to", ge=1)
    note: str = Field(title="Note", default="")


QuestionCase = Case[PurchaseApproval, QuestionPlan]


def question_milestones(case: QuestionCase) -> list[Milestone]:
    """One milestone, for the approval."""
    return [Milestone(key=case.plan.step.key, label=case.plan.step.label)]


@workflow.defn
class QuestionWorkflow(CaseWorkflow):
    """Requests the approval and ends."""

    outcomes = frozenset({"ordered", "rejected", "expired", "recalled"})

    @workflow.init
    def __init__(self, case: QuestionCase) -> None:
        super().__init__(case, question_milestones(case))

    @workflow.run
    @concluded
    async def run(self, case: QuestionCase) -> CaseEnd:
        """Request the approval and report its verdict."""
        verdict = await self.request_approval(case.plan.step, "it")
        if not verdict.proceeds:
            return refused(verdict)
        limit = f" up to {verdict.extra_as(Limit).up_to}" if verdict.extra else ""
        return CaseEnd(outcome="ordered", sentence=f"{verdict.names}: {verdict.option or verdict.verdict}{limit}.")
