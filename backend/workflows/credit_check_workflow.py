"""Credit check: look the rating up, apply the rule, answer while the caller waits."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from backend.activities.look_up_rating_activity import look_up_rating
    from backend.kit.case import Case, CaseEnd
    from backend.kit.fields import FormField
    from backend.kit.money import Amount, Money
    from backend.kit.process import Fact
    from backend.kit.progress import Milestone, MilestoneState
    from backend.services.ratings import Rating, RatingAnswer, RatingRequest
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.retry_policies import AT_ONCE, WHILE_SOMEBODY_WAITS
    from backend.workflows.core.task_queues import activity_queue

GOOD_FROM = 60
BAD_BELOW = 30
STRETCH = Decimal("1.5")
BESIDE_THE_WORKFLOW = "a-rating-is-looked-up-beside-the-workflow"  # before, every one had its own task


class CreditCheck(BaseModel):
    """Whose credit, and how much."""

    model_config = ConfigDict(extra="forbid")

    customer: Annotated[str, FormField(width="wide")] = Field(
        title="Customer",
        min_length=1,
        max_length=120,
        pattern=r"\S",
        description="The name as it stands on the order.",
        examples=["Nordwerk Möbel GmbH"],
    )
    amount: Annotated[Amount, FormField(widget="money", width="narrow")] = Field(title="Amount", gt=0)
    currency: Annotated[Literal["EUR", "USD", "GBP", "CHF"], FormField(width="narrow")] = Field(
        title="Currency", default="EUR"
    )

    @property
    def total(self) -> Money:
        """What the customer would owe."""
        return Money(amount=self.amount, currency=self.currency)


class CreditPlan(BaseModel):
    """How long the rating may take, and after how long nobody needs the answer any more."""

    rating_within: timedelta = timedelta(seconds=15)
    time_limit: timedelta = timedelta(minutes=2)


CreditCase = Case[CreditCheck, CreditPlan]


def assess(form: CreditCheck, rating: Rating | None) -> CaseEnd:
    """The rule: within the limit of a good customer yes, of a bad one no; a person looks at all between."""
    if rating is None:
        return _review(f"Nothing is known of {form.customer}.")
    if rating.score < BAD_BELOW:
        sentence = f"{form.customer} has a score of {rating.score}; credit begins at {BAD_BELOW}."
        return CaseEnd(outcome="refused", sentence=sentence, facts=_facts(rating))
    if form.currency != rating.limit.currency:
        return _review(f"The limit of {form.customer} is in {rating.limit.currency}.", rating)
    if form.amount > rating.limit.amount * STRETCH:
        sentence = f"{form.total} is far above the limit of {rating.limit}."
        return CaseEnd(outcome="refused", sentence=sentence, facts=_facts(rating))
    if form.amount > rating.limit.amount or rating.score < GOOD_FROM:
        return _review(f"{form.total} for a score of {rating.score} and a limit of {rating.limit}.", rating)
    return CaseEnd(outcome="granted", sentence=f"{form.customer} has credit for {form.total}.", facts=_facts(rating))


def _review(why: str, rating: Rating | None = None) -> CaseEnd:
    return CaseEnd(outcome="needs_review", sentence=f"{why} A person has to decide.", facts=_facts(rating))


def _facts(rating: Rating | None) -> dict[str, str]:
    return {"Score": str(rating.score), "Limit": str(rating.limit)} if rating else {}


def credit_milestones(case: CreditCase) -> list[Milestone]:
    """Asked, looked up, assessed."""
    asked = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    return [
        Milestone(key="sent", label="Asked", state=MilestoneState.DONE, **asked),
        Milestone(key="rating", label="Rating looked up"),
        Milestone(key="answer", label="Assessed"),
    ]


def credit_facts(form: CreditCheck) -> list[Fact]:
    """What was asked."""
    return [Fact(label="Customer", value=form.customer), Fact(label="Amount", value=form.total)]


@workflow.defn
class CreditCheckWorkflow(CaseWorkflow):
    """One question for credit, answered within seconds."""

    @workflow.init
    def __init__(self, case: CreditCase) -> None:
        super().__init__(case, credit_milestones(case))

    @workflow.run
    async def run(self, case: CreditCase) -> CaseEnd:  # noqa: ARG002 - as `init` has it
        """Look up, assess, answer."""
        return await self.conclude(self._check())

    async def _check(self) -> CaseEnd:
        self.now_at.working("rating", "The rating is being looked up", workflow.now())
        try:
            answer = await self._look_up()
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            self.now_at.failed("rating", workflow.now(), "No answer in time")
            return _review("The rating could not be looked up in time.")
        self.now_at.done("rating", workflow.now())
        end = assess(self.case.input, answer.rating)
        self.now_at.done("answer", workflow.now())
        return end

    async def _look_up(self) -> RatingAnswer:
        """Beside the workflow, as most ratings are there at once; from a bureau that needs time, with patience."""
        request = RatingRequest(tenant=self.case.tenant, customer=self.case.input.customer)
        if workflow.patched(BESIDE_THE_WORKFLOW):
            try:
                return await workflow.execute_local_activity(look_up_rating, request, **AT_ONCE)
            except FailureError as error:  # what runs beside a workflow fails as itself
                if is_cancelled_exception(error):
                    raise
        return await workflow.execute_activity(
            look_up_rating,
            request,
            task_queue=activity_queue("finance"),
            start_to_close_timeout=timedelta(seconds=5),
            schedule_to_close_timeout=self.case.plan.rating_within,
            retry_policy=WHILE_SOMEBODY_WAITS,
        )
