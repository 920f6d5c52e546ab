"""Employee onboarding: the manager confirms, then accounts, equipment, workplace and training side by side."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.kit.action import ActionTaken
    from backend.kit.approval import Step
    from backend.kit.case import Case, CaseEnd
    from backend.kit.child import ChildCase
    from backend.kit.fields import FormField, from_today
    from backend.kit.names import join_names
    from backend.kit.process import Fact, PersonName
    from backend.kit.progress import Milestone, MilestoneState
    from backend.workflows.account_setup_workflow import AccountSetup, AccountSetupWorkflow
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.children import Run
    from backend.workflows.core.days import morning_of
    from backend.workflows.employee_onboarding_actions import MOVE_START, SETTLE, TRY_AGAIN
    from backend.workflows.equipment_handout_workflow import EquipmentHandout, EquipmentHandoutWorkflow
    from backend.workflows.training_plan_workflow import TrainingPlan, TrainingPlanWorkflow
    from backend.workflows.workplace_setup_workflow import WorkplaceSetup, WorkplaceSetupWorkflow

Word = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]


class EmployeeOnboarding(BaseModel):
    """Who comes, when, and what they need."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, FormField(section="Who comes", width="wide")] = Field(
        title="Name", min_length=1, max_length=120, pattern=r"\S", examples=["Nina Holm"]
    )
    start_date: Annotated[date, FormField(width="narrow")] = Field(title="First day")
    email: Annotated[str, FormField(width="wide")] = Field(
        title="E-mail",
        max_length=200,
        pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        description="The address of the house that they will have; one account for each.",
        examples=["nina.holm@example.com"],
    )
    manager: Annotated[str, FormField(choices="managers", width="narrow")] = Field(
        title="Manager",
        min_length=1,
        max_length=60,
        description="Is asked to confirm before anything is prepared.",
        examples=["mona"],
    )
    role: Annotated[str, FormField(section="What they will do, and with what", width="wide")] = Field(
        title="Role", min_length=1, max_length=120, pattern=r"\S", examples=["Logistics planner"]
    )
    department: Annotated[str, FormField(width="narrow")] = Field(
        title="Department", min_length=1, max_length=120, pattern=r"\S", examples=["Logistics"]
    )
    equipment: list[Word] = Field(
        title="Equipment",
        default_factory=list,
        max_length=20,
        description="Up to 20 things, separated by commas.",
        examples=[["laptop", "phone", "badge"]],
    )

    @field_validator("start_date")
    @classmethod
    def not_in_the_past(cls, value: date, info: ValidationInfo) -> date:
        """Nobody starts yesterday."""
        return from_today(value, info)


class OnboardingPlan(BaseModel):
    """Durations of an onboarding; fixed when the case starts."""

    manager_due: timedelta = timedelta(days=2)
    reminder: timedelta = timedelta(days=1)
    escalation: timedelta = timedelta(days=2)
    deadline: timedelta = timedelta(days=14)
    amend_within: timedelta = timedelta(days=14)


OnboardingCase = Case[EmployeeOnboarding, OnboardingPlan]


def onboarding_steps(case: OnboardingCase) -> Sequence[Step]:
    """The manager confirms."""
    form, plan = case.input, case.plan
    return [
        Step(
            key="manager",
            label="Manager",
            question=f"Is {form.name} to start as {form.role} on {_day(form.start_date)}?",
            who=(f"person:{form.manager}",),
            due=plan.manager_due,
            reminder=plan.reminder,
            escalation=plan.escalation,
            escalate_to=("group:managers",),
            deadline=plan.deadline,
            if_nobody="The other managers are asked too, and at the deadline nothing is prepared.",
            effects=(
                f"open an account for {form.email}",
                f"lay aside {', '.join(form.equipment)}" if form.equipment else "lay no equipment aside",
                f"find a desk in {form.department}",
                "book the training",
            ),
        )
    ]


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def onboarding_milestones(case: OnboardingCase) -> list[Milestone]:
    """Sent, confirmed, prepared, and the first day."""
    sent = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    return [
        Milestone(key="sent", label="Sent", state=MilestoneState.DONE, **sent),
        Milestone(key="manager", label="Manager confirms"),
        Milestone(key="preparation", label="Preparation"),
        Milestone(key="first_day", label="First day", detail=_day(case.input.start_date)),
    ]


def onboarding_facts(form: EmployeeOnboarding) -> list[Fact]:
    """What the manager and people operations look at first."""
    return [
        Fact(label="Role", value=form.role),
        Fact(label="Department", value=form.department),
        Fact(label="First day", value=form.start_date),
        Fact(label="Manager", value=PersonName(form.manager)),
        Fact(label="E-mail", value=form.email),
        Fact(label="Equipment", value=", ".join(form.equipment) or "none"),
    ]


@workflow.defn
class EmployeeOnboardingWorkflow(CaseWorkflow):
    """One person, from the announcement to the first day."""

    case: OnboardingCase

    @workflow.init
    def __init__(self, case: OnboardingCase) -> None:
        super().__init__(case, onboarding_milestones(case))

    @workflow.run
    async def run(self, case: OnboardingCase) -> CaseEnd:  # noqa: ARG002 - as `init` has it
        """Ask the manager, prepare everything, and be ready on the first day; or prepare nothing."""
        return await self.conclude(self._onboard())

    async def _onboard(self) -> CaseEnd:
        refusal = await self.ask_every_level(
            onboarding_steps,
            subject=lambda case: f"the start of {case.input.name}",
            milestones=onboarding_milestones,
            change_within=self.case.plan.amend_within,
        )
        return refusal or await self._prepare()

    async def _prepare(self) -> CaseEnd:
        self.now_at.working("preparation", "Everything is being prepared", workflow.now())
        self._start_all()
        await self._prepared()
        if self.recalled:
            return await self._take_back()
        self.now_at.done("preparation", workflow.now())
        self.now_at.done("first_day", workflow.now(), _day(self.case.input.start_date))
        sentence = f"Everything is ready for {self.case.input.name}."
        return CaseEnd(outcome="onboarded", sentence=sentence, facts=self.children.facts)

    def _parts(self) -> Sequence[tuple[Run, str, str, BaseModel]]:
        form = self.case.input
        start = form.start_date
        training = TrainingPlan(name=form.name, role=form.role, manager=form.manager, start_date=start)
        accounts = AccountSetup(name=form.name, email=form.email, start_date=start)
        equipment = EquipmentHandout(items=form.equipment, start_date=start)
        workplace = WorkplaceSetup(department=form.department, start_date=start)
        parts: list[tuple[Run, str, str, BaseModel]] = [
            (AccountSetupWorkflow.run, "accounts", "Accounts", accounts),
            (EquipmentHandoutWorkflow.run, "equipment", "Equipment", equipment),
            (WorkplaceSetupWorkflow.run, "workplace", "Workplace", workplace),
            (TrainingPlanWorkflow.run, "training", "Training", training),
        ]
        return [part for part in parts if part[1] != "equipment" or form.equipment]

    def _start_all(self) -> None:
        for run, key, label, part in self._parts():
            child = ChildCase[Any](
                tenant=self.case.tenant,
                case_id=self.case.case_id,
                reference=self.case.reference,
                key=key,
                label=label,
                input=part,
            )
            self.children.start(run, child)

    async def _prepared(self) -> None:
        """Until every part is done, or the case is recalled; the first day can move meanwhile."""
        while not (self.recalled or self._all_done()):
            self.now_at.sentence = f"{self.case.input.name} starts on {_day(self.case.input.start_date)}"
            act = await self._heard()
            if act is None:
                continue
            if act.action == MOVE_START.key:
                await self._move()
            elif act.action == TRY_AGAIN.key:
                self.children.try_again()
            else:
                self.children.settle(f"By hand, {act.name}: {SETTLE.given(act).how}")

    def _all_done(self) -> bool:
        return self.children.over and not self.children.failed

    async def _heard(self) -> ActionTaken | None:
        """What somebody did; None when something else can be done from now on."""
        first_morning = morning_of(self.case.input.start_date)
        before, failed = workflow.now() < first_morning, bool(self.children.failed)
        return await self.act_on(
            *((MOVE_START,) if before else ()),
            beyond=(TRY_AGAIN, SETTLE) if failed else (),
            until=first_morning if before else None,
            then="the first day begins." if before else "",
            unless=lambda: self._all_done() or bool(self.children.failed) != failed,
        )

    async def _move(self) -> None:
        self.now_at.milestone("first_day").detail = _day(self.case.input.start_date)
        for _, key, _, part in self._parts():
            await self.children.plan(key, part)

    async def _take_back(self) -> CaseEnd:
        """Have every part undo what it did; what is over and done with stays, and somebody has to know."""
        self.now_at.sentence = "What was prepared is being taken back"
        await self.report()
        await self.children.cancel()
        done = [part.label.lower() for part in self.children.done]
        stays = f"Done already, so it stays: {join_names(done, word='and')}" if done else None
        self.attention = ". ".join(filter(None, (self.children.attention, stays))) or None
        if self.attention is None:
            return RECALLED
        return LEFT.model_copy(update={"sentence": f"{LEFT.sentence} {self.attention}."})


RECALLED = CaseEnd(outcome="recalled", sentence="The onboarding was recalled. What was prepared is taken back.")
LEFT = CaseEnd(outcome="recalled", sentence="The onboarding was recalled, but something is left to do.")
