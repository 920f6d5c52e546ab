"""Credit check: look up the rating, apply the rule, answer while the caller waits."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from backend.activities.look_up_rating_activity import look_up_rating
    from backend.kit.approval import APPROVE, REJECT, ApprovalState, Step
    from backend.kit.case import Case, CaseEnd
    from backend.kit.fields import FormField
    from backend.kit.i18n import N_
    from backend.kit.money import Amount, Money
    from backend.kit.process import Fact
    from backend.kit.progress import Milestone, MilestoneState
    from backend.services.ratings import Rating, RatingAnswer, RatingRequest
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.core.retry_policies import CALLER_WAITS, QUICK_LOOKUP
    from backend.workflows.core.task_queues import activity_queue

GOOD_FROM = 60
BAD_BELOW = 30
STRETCH = Decimal("1.5")
REVIEW = "a-person-decides-what-the-rule-cannot"  # before, the case ended with "needs review"
LOCAL_LOOKUP = "a-rating-is-looked-up-beside-the-workflow"  # before, every lookup was a task of its own


class CreditCheck(BaseModel):
    """Whose credit, and how much."""

    model_config = ConfigDict(extra="forbid")

    customer: Annotated[str, FormField(width="wide", partner=True)] = Field(
        title=N_("Customer"),
        min_length=1,
        max_length=120,
        pattern=r"\S",
        description=N_("The name as written on the order."),
        examples=["Nordwerk Möbel GmbH"],
    )
    amount: Annotated[Amount, FormField(widget="money", width="narrow")] = Field(title=N_("Amount"), gt=0)
    currency: Annotated[Literal["EUR", "USD", "GBP", "CHF"], FormField(widget="currency", width="narrow")] = Field(
        title=N_("Currency"), default="EUR"
    )

    @property
    def total(self) -> Money:
        """What the customer would owe."""
        return Money(amount=self.amount, currency=self.currency)


class CreditPlan(BaseModel):
    """How long the lookup and a review may take; after the time limit, which is longer, nobody needs the answer."""

    rating_within: timedelta = timedelta(seconds=15)
    review_due: timedelta = timedelta(days=1)
    review_reminder: timedelta | None = timedelta(hours=4)
    review_deadline: timedelta = timedelta(days=5)
    time_limit: timedelta = timedelta(days=7)


CreditCase = Case[CreditCheck, CreditPlan]


def assess(form: CreditCheck, rating: Rating | None) -> CaseEnd:
    """The rule: a good customer has credit within the limit, a bad one has none; a person decides everything else."""
    if rating is None:
        sentence = N_("No rating is known for {customer_name}. A person has to decide.")
        return _end("needs_review", sentence, form)
    if rating.score < BAD_BELOW:
        return _end("refused", N_("{customer_name} has a score of {score}; credit requires {minimum}."), form, rating)
    if form.currency != rating.limit.currency:
        sentence = N_("The limit of {customer_name} is in {currency}. A person has to decide.")
        return _end("needs_review", sentence, form, rating)
    if form.amount > rating.limit.amount * STRETCH:
        return _end("refused", N_("{amount} is far above the limit of {limit}."), form, rating)
    if form.amount > rating.limit.amount or rating.score < GOOD_FROM:
        sentence = N_("{amount} with a score of {score} and a limit of {limit}. A person has to decide.")
        return _end("needs_review", sentence, form, rating)
    return _end("granted", N_("{customer_name} has credit for {amount}."), form, rating)


def _end(outcome: str, sentence: str, form: CreditCheck, rating: Rating | None = None) -> CaseEnd:
    values = {"customer_name": form.customer, "amount": form.total, "minimum": BAD_BELOW}
    if rating is None:
        return CaseEnd(outcome=outcome, sentence=sentence.format(**values))
    values |= {"score": rating.score, "limit": rating.limit, "currency": rating.limit.currency}
    facts = {N_("Score"): str(rating.score), N_("Limit"): str(rating.limit)}
    return CaseEnd(outcome=outcome, sentence=sentence.format(**values), facts=facts)


def credit_milestones(case: CreditCase) -> list[Milestone]:
    """Requested, looked up, assessed."""
    requested = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    return [
        Milestone(key="sent", label=N_("Requested"), state=MilestoneState.DONE, **requested),
        Milestone(key="rating", label=N_("Rating looked up")),
        Milestone(key="answer", label=N_("Assessed")),
    ]


def review_step(case: CreditCase, reason: str) -> Step:
    """One of finance decides what the rule cannot."""
    form, plan = case.input, case.plan
    return Step(
        key="review",
        label=N_("Credit review"),
        question=N_("Give {customer_name} credit for {amount}?").format(customer_name=form.customer, amount=form.total),
        who=("group:finance",),
        options=(APPROVE, REJECT),
        because=reason,
        due=plan.review_due,
        reminder=plan.review_reminder,
        deadline=plan.review_deadline,
        if_nobody=N_("At the deadline the check ends without an answer."),
        effects=(N_("Answers that {customer_name} has credit").format(customer_name=form.customer),),
    )


def credit_subject(case: CreditCase) -> str:
    """The check, as sentences name it."""
    return N_("credit of {amount} for {customer_name}").format(
        amount=case.input.total, customer_name=case.input.customer
    )


def credit_facts(form: CreditCheck) -> list[Fact]:
    """What was requested."""
    return [Fact(label=N_("Customer"), value=form.customer), Fact(label=N_("Amount"), value=form.total)]


@workflow.defn
class CreditCheckWorkflow(CaseWorkflow):
    """One credit check, answered within seconds unless a person has to decide."""

    outcomes = frozenset({"granted", "refused", "needs_review", "recalled"})

    @workflow.init
    def __init__(self, case: CreditCase) -> None:
        super().__init__(case, credit_milestones(case))

    @workflow.run
    @concluded
    async def run(self, _: CreditCase) -> CaseEnd:
        """Look up the rating, assess it, have a person decide what the rule cannot, answer."""
        end = await self._assessed()
        if end.outcome == "needs_review" and workflow.patched(REVIEW):
            return await self._reviewed(end)
        if self.progress.milestone("rating").state is MilestoneState.DONE:
            self.progress.done("answer", workflow.now())
        return end

    async def _assessed(self) -> CaseEnd:
        """What the rule says of the rating."""
        self.progress.begin("rating", N_("Looking up the rating"), workflow.now())
        answer = await self._look_up_in_time()
        if answer is None:
            self.progress.failed("rating", workflow.now(), N_("No answer in time"))
            sentence = N_("The rating could not be looked up in time. A person has to decide.")
            return CaseEnd(outcome="needs_review", sentence=sentence)
        self.progress.done("rating", workflow.now())
        return assess(self.case.input, answer.rating)

    async def _reviewed(self, open_end: CaseEnd) -> CaseEnd:
        """What one of finance decides; without a decision in time the question stays open."""
        self.progress.milestones.insert(-1, Milestone(key="review", label=N_("Reviewed")))
        verdict = await self.request_approval(review_step(self.case, open_end.sentence), credit_subject(self.case))
        outcomes = {
            ApprovalState.APPROVED: ("granted", N_("{names} gave {customer_name} credit for {amount}.")),
            ApprovalState.REJECTED: ("refused", N_("{names} refused {customer_name} credit for {amount}.")),
        }
        if verdict.verdict not in outcomes:
            return open_end
        self.progress.done("answer", workflow.now())
        outcome, sentence = outcomes[verdict.verdict]
        form = self.case.input
        sentence = sentence.format(names=verdict.names, customer_name=form.customer, amount=form.total)
        return open_end.model_copy(update={"outcome": outcome, "sentence": sentence})

    async def _look_up_in_time(self) -> RatingAnswer | None:
        try:
            return await self._look_up()
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return None

    async def _look_up(self) -> RatingAnswer:
        """As a local activity, because most ratings are answered at once; a slow rating agency is asked patiently."""
        request = RatingRequest(tenant=self.case.tenant, customer=self.case.input.customer)
        if workflow.patched(LOCAL_LOOKUP):
            try:
                return await workflow.execute_local_activity(look_up_rating, request, **QUICK_LOOKUP)
            except FailureError as error:  # a local activity fails with the error itself
                if is_cancelled_exception(error):
                    raise
        return await workflow.execute_activity(
            look_up_rating,
            request,
            task_queue=activity_queue("finance"),
            start_to_close_timeout=timedelta(seconds=5),
            schedule_to_close_timeout=self.case.plan.rating_within,
            retry_policy=CALLER_WAITS,
        )
