"""Article publication: reviewed by an editor, published at its date, retracted if it has to be."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.publish_article_activity import publish_article
    from backend.activities.retract_article_activity import retract_article
    from backend.kit.action import ActionTaken
    from backend.kit.approval import Step
    from backend.kit.case import Case, CaseEnd
    from backend.kit.fields import FormField, from_now
    from backend.kit.i18n import N_, NN_
    from backend.kit.moments import in_utc
    from backend.kit.process import ApprovedEffect, Fact
    from backend.kit.progress import Milestone, MilestoneState, PageLink
    from backend.services.articles import ArticleRequest
    from backend.workflows.article_publication_actions import EDITORS, MOVE_PUBLICATION, PUBLISH_NOW, RETRACT
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.saga import Saga
    from backend.workflows.core.task_queues import activity_queue

OUTSIDE = workflow.ActivityConfig(
    task_queue=activity_queue("content"),
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)
Tag = Annotated[str, Field(min_length=1, max_length=40, pattern=r"\S")]


class ArticlePublication(BaseModel):
    """What the author writes, and when it is published."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, FormField(section=N_("Article"))] = Field(
        title=N_("Title"),
        min_length=1,
        max_length=120,
        pattern=r"\S",
        examples=["How we moved the warehouse in a weekend"],
    )
    summary: Annotated[str, FormField(widget="long")] = Field(
        title=N_("Summary"), min_length=1, max_length=400, description=N_("Two sentences for the list of articles.")
    )
    body: Annotated[str, FormField(widget="long", markdown=True)] = Field(
        title=N_("Text"),
        min_length=1,
        max_length=20_000,
        description=N_("Markdown: # for headings, * for lists and emphasis. HTML and images are not shown."),
    )
    tags: Annotated[list[Tag], FormField(section=N_("Publication"), width="wide")] = Field(
        title=N_("Tags"),
        default_factory=list,
        max_length=10,
        description=N_("Up to 10."),
        examples=["logistics, news"],
    )
    publish_at: Annotated[datetime | None, FormField(width="narrow")] = Field(
        title=N_("Publish at"), default=None, description=N_("Leave empty to publish as soon as it is approved.")
    )

    @field_validator("publish_at")
    @classmethod
    def not_in_the_past(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        """An article cannot be published in the past."""
        return from_now(value, info) if value else None


class PublicationPlan(BaseModel):
    """Durations of a publication; fixed when the case starts. An article can be retracted for `retract_within`."""

    review_due: timedelta = timedelta(days=3)
    reminder: timedelta = timedelta(days=1)
    escalation: timedelta = timedelta(days=3)
    deadline: timedelta = timedelta(days=30)
    amend_within: timedelta = timedelta(days=30)
    retract_within: timedelta = timedelta(days=30)


ArticleCase = Case[ArticlePublication, PublicationPlan]


def article_steps(case: ArticleCase) -> Sequence[Step]:
    """One editor, or the author's manager; never the author."""
    form, plan = case.input, case.plan
    publication = N_("Publishes the article at once")
    if form.publish_at:
        publication = N_("Publishes the article on {moment}").format(moment=in_utc(form.publish_at))
    return [
        Step(
            key="review",
            label=N_("Review"),
            question=N_("Publish “{title}”?").format(title=form.title),
            who=(EDITORS, f"manager_of:{case.opened_by}"),
            needed=1,
            due=plan.review_due,
            reminder=plan.reminder,
            escalation=plan.escalation,
            escalate_to=("group:managers",),
            deadline=plan.deadline,
            if_nobody=N_("Escalates to the managers; at the deadline the article is not published."),
            effects=(publication, N_("Notifies {name}").format(name=case.opened_by_name)),
        )
    ]


def article_subject(case: ArticleCase) -> str:
    """The article, as sentences name it."""
    return f"“{case.input.title}”"


def article_milestones(case: ArticleCase) -> list[Milestone]:
    """Submitted, reviewed, published."""
    submitted = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    moment = in_utc(case.input.publish_at) if case.input.publish_at else N_("as soon as it is approved")
    return [
        Milestone(key="written", label=N_("Submitted"), state=MilestoneState.DONE, **submitted),
        Milestone(key="review", label=N_("Review")),
        Milestone(key="published", label=N_("Published"), detail=moment),
    ]


def article_facts(form: ArticlePublication) -> list[Fact]:
    """What a reviewer looks at first."""
    words = len(form.body.split())
    return [
        Fact(label=N_("Publish at"), value=form.publish_at or N_("as soon as it is approved")),
        Fact(label=N_("Tags"), value=", ".join(form.tags) or N_("none")),
        Fact(label=N_("Length"), value=NN_("{count} word", "{count} words", words).format(count=f"{words:,}")),
    ]


def article_as_approved(form: ArticlePublication, article: ArticleRequest) -> bool:
    """Whether this is the text that was reviewed."""
    reviewed = (form.title, form.summary, form.body, form.tags)
    return (article.title, article.summary, article.body, article.tags) == reviewed


ARTICLE_EFFECTS = (ApprovedEffect(activity=publish_article, fits=article_as_approved),)


@workflow.defn
class ArticlePublicationWorkflow(CaseWorkflow):
    """One article, from the draft to its readers."""

    outcomes = frozenset({"published", "retracted", "rejected", "expired", "recalled"})

    case: ArticleCase

    @workflow.init
    def __init__(self, case: ArticleCase) -> None:
        super().__init__(case, article_milestones(case))
        self.published = False

    @workflow.run
    @concluded
    async def run(self, case: ArticleCase) -> CaseEnd:
        """Get the article reviewed, publish it at its date, and let people retract it for a while."""
        await self.require_approvals(
            article_steps,
            subject=article_subject,
            milestones=article_milestones,
            change_within=case.plan.amend_within,
        )
        await self._publication_date()
        async with self.saga() as saga:
            await self._publish(saga)
            retraction = await self._retraction(within=case.plan.retract_within)
            if retraction is not None:
                return await self._retract(retraction)
        return CaseEnd(outcome="published", sentence=self._is_published)

    async def _publication_date(self) -> None:
        """Wait for the date of publication, which people can move or skip meanwhile."""
        while (moment := self.case.input.publish_at) and moment > workflow.now():
            self.stop_if_withdrawn()
            sentence = N_("“{title}” is scheduled for publication").format(title=self.case.input.title)
            self.progress.begin("published", sentence, workflow.now())
            self.progress.milestone("published").detail = in_utc(moment)
            taken = await self.offer(MOVE_PUBLICATION, PUBLISH_NOW, until=moment, then=N_("The article is published."))
            if taken is not None and taken.action == PUBLISH_NOW.key:
                return

    async def _publish(self, saga: Saga) -> None:
        self.progress.begin("published", N_("Publishing the article"), workflow.now())
        undone = N_("The article was taken down.")
        done = await saga.do(publish_article, self._article(), undo=retract_article, config=OUTSIDE, undone=undone)
        self.published = True
        self.progress.links = [PageLink(label=N_("Read the article"), page="articles:show", parts={"slug": done.slug})]
        self.progress.done("published", workflow.now(), in_utc(workflow.now()))

    async def _retraction(self, within: timedelta) -> ActionTaken | None:
        """Who retracted the article and why; None if nobody did in time."""
        self.progress.sentence = self._is_published
        until = workflow.now() + within
        return await self.offer(RETRACT, until=until, then=N_("The case is closed and the article stays published."))

    async def _retract(self, taken: ActionTaken) -> CaseEnd:
        self.progress.begin("published", N_("Taking the article down"), workflow.now())
        request = self._article().model_copy(update={"reason": RETRACT.input_of(taken).reason})
        await workflow.execute_activity(retract_article, request, **OUTSIDE)
        self.progress.sent_back("published", workflow.now(), N_("Retracted"), taken.name)
        sentence = N_("{name} retracted the article.").format(name=taken.name)
        return CaseEnd(outcome="retracted", sentence=sentence)

    def withdrawn_end(self) -> CaseEnd:
        """Whether readers have seen it makes the difference."""
        if self.published:
            return CaseEnd(outcome="retracted", sentence=N_("The request was withdrawn; the article was taken down."))
        return CaseEnd(outcome="recalled", sentence=N_("The request was withdrawn. The article was not published."))

    @property
    def _is_published(self) -> str:
        return N_("“{title}” is published.").format(title=self.case.input.title)

    def _article(self) -> ArticleRequest:
        form = self.case.input
        return ArticleRequest(
            tenant=self.case.tenant,
            key=f"{self.case.reference}:article",
            reference=self.case.reference,
            title=form.title,
            summary=form.summary,
            body=form.body,
            tags=form.tags,
            author=self.case.opened_by,
        )
