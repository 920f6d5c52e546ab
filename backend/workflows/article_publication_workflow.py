"""Article publication: reviewed by somebody else, published at its moment, retracted if it has to be."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.publish_article_activity import publish_article
    from backend.activities.retract_article_activity import retract_article
    from backend.kit.approval import Step
    from backend.kit.case import Case, CaseEnd
    from backend.kit.fields import FormField, from_now
    from backend.kit.moments import in_utc
    from backend.kit.process import Fact
    from backend.kit.progress import Milestone, MilestoneState, PageLink
    from backend.services.articles import ArticleRequest
    from backend.workflows.article_publication_actions import EDITORS, MOVE_PUBLICATION, PUBLISH_NOW, RETRACT
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.retry_policies import PATIENT
    from backend.workflows.core.saga import Stopped
    from backend.workflows.core.task_queues import activity_queue

OUTSIDE = workflow.ActivityConfig(
    task_queue=activity_queue("content"),
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=PATIENT,
)
Tag = Annotated[str, Field(min_length=1, max_length=40, pattern=r"\S")]


class ArticlePublication(BaseModel):
    """What the author writes, and when it is to be read."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, FormField(section="The article")] = Field(
        title="Title", min_length=1, max_length=120, pattern=r"\S", examples=["How we moved the warehouse in a weekend"]
    )
    summary: Annotated[str, FormField(widget="long")] = Field(
        title="Summary", min_length=1, max_length=400, description="Two sentences for the list of articles."
    )
    body: Annotated[str, FormField(widget="long", markdown=True)] = Field(
        title="Text",
        min_length=1,
        max_length=20_000,
        description="Markdown: # for headings, * for lists and stress. HTML and pictures are not shown.",
    )
    tags: Annotated[list[Tag], FormField(section="Where and when", width="wide")] = Field(
        title="Tags",
        default_factory=list,
        max_length=10,
        description="Up to ten, separated by commas.",
        examples=["logistics, news"],
    )
    publish_at: Annotated[datetime | None, FormField(width="narrow")] = Field(
        title="Publish at", default=None, description="Empty: as soon as it is approved."
    )

    @field_validator("publish_at")
    @classmethod
    def to_come(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        """Nothing is published yesterday."""
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
    when = f"on {in_utc(form.publish_at)}" if form.publish_at else "at once"
    return [
        Step(
            key="review",
            label="Review",
            question=f"Publish “{form.title}”?",
            who=(EDITORS, f"manager_of:{case.opened_by}"),
            needed=1,
            due=plan.review_due,
            reminder=plan.reminder,
            escalation=plan.escalation,
            escalate_to=("group:managers",),
            deadline=plan.deadline,
            if_nobody="The managers are asked too, and at the deadline it is not published.",
            effects=(f"publish the article {when}", f"tell {case.opened_by_name}"),
        )
    ]


def article_milestones(case: ArticleCase) -> list[Milestone]:
    """Written, reviewed, published."""
    written = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    when = in_utc(case.input.publish_at) if case.input.publish_at else "as soon as it is reviewed"
    return [
        Milestone(key="written", label="Written", state=MilestoneState.DONE, **written),
        Milestone(key="review", label="Review"),
        Milestone(key="published", label="Published", detail=when),
    ]


def article_facts(form: ArticlePublication) -> list[Fact]:
    """What a reviewer looks at first."""
    return [
        Fact(label="Publish at", value=form.publish_at or "as soon as it is reviewed"),
        Fact(label="Tags", value=", ".join(form.tags) or "none"),
        Fact(label="Length", value=f"{len(form.body.split()):,} words"),
    ]


@workflow.defn
class ArticlePublicationWorkflow(CaseWorkflow):
    """One article, from the draft to its readers, and back if it has to be."""

    @workflow.init
    def __init__(self, case: ArticleCase) -> None:
        super().__init__(case, article_milestones(case))

    @workflow.run
    async def run(self, case: ArticleCase) -> CaseEnd:  # noqa: ARG002 - as `init` has it
        """Have it reviewed, publish it at its moment, and keep the way back open for a while."""
        return await self.conclude(self._publish())

    async def _publish(self) -> CaseEnd:
        refusal = await self.ask_every_level(
            article_steps,
            subject=lambda case: f"“{case.input.title}”",
            milestones=article_milestones,
            change_within=self.case.plan.amend_within,
        )
        if refusal is not None:
            return refusal
        await self._wait_for_its_moment()
        async with self.saga(stopped_by=lambda: RECALLED if self.recalled else None) as saga:
            self.now_at.working("published", "It is being published", workflow.now())
            told = "The article was taken down."
            done = await saga.do(publish_article, self._article(), undo=retract_article, config=OUTSIDE, told=told)
            self.now_at.links = [PageLink(label="Read the article", page="articles:show", parts={"slug": done.slug})]
            self.now_at.done("published", workflow.now(), in_utc(workflow.now()))
            return await self._retracted_in_time() or self._published()

    async def _wait_for_its_moment(self) -> None:
        """Until the moment has come, wherever it moves; a recall ends the waiting too."""
        while (moment := self.case.input.publish_at) and moment > workflow.now() and not self.recalled:
            self.now_at.working("published", f"“{self.case.input.title}” waits to be published", workflow.now())
            self.now_at.milestone("published").detail = in_utc(moment)
            act = await self.act_on(MOVE_PUBLICATION, PUBLISH_NOW, until=moment, then="it is published.")
            if act is not None and act.action == PUBLISH_NOW.key:
                return

    async def _retracted_in_time(self) -> CaseEnd | None:
        """How the article ended if somebody took it down while that is possible."""
        until = workflow.now() + self.case.plan.retract_within
        self.now_at.sentence = f"“{self.case.input.title}” is published"
        act = await self.act_on(RETRACT, until=until, then="the case is closed and the article stays.")
        if act is None:
            if self.recalled:
                raise Stopped(CaseEnd(outcome="retracted", sentence="It was recalled, so the article was taken down."))
            return None
        self.now_at.working("published", "It is being taken down", workflow.now())
        request = self._article().model_copy(update={"reason": RETRACT.given(act).reason})
        await workflow.execute_activity(retract_article, request, **OUTSIDE)
        self.now_at.back("published", workflow.now(), "Retracted", act.name)
        return CaseEnd(outcome="retracted", sentence=f"{act.name} retracted the article.")

    def _published(self) -> CaseEnd:
        return CaseEnd(outcome="published", sentence=f"“{self.case.input.title}” is published.")

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


RECALLED = CaseEnd(outcome="recalled", sentence="The article was recalled. It was not published.")
