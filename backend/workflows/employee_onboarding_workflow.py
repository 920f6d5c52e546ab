"""Employee onboarding: the manager confirms, then accounts, equipment, workplace and training in parallel."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from backend.activities.assign_workplace_activity import assign_workplace
    from backend.activities.book_training_activity import book_training
    from backend.activities.create_account_activity import create_account
    from backend.activities.reserve_equipment_activity import reserve_equipment
    from backend.kit.action import ActionTaken
    from backend.kit.approval import Step
    from backend.kit.case import Case, CaseEnd
    from backend.kit.child import ChildCase
    from backend.kit.fields import FormField, from_today
    from backend.kit.form_values import PersonName
    from backend.kit.i18n import N_
    from backend.kit.process import ApprovedEffect, Fact
    from backend.kit.progress import Milestone, MilestoneState
    from backend.workflows.account_setup_workflow import AccountSetup, AccountSetupWorkflow
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.children import Run
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.core.days import morning_of
    from backend.workflows.employee_onboarding_actions import MOVE_START, RESOLVE, RETRY
    from backend.workflows.equipment_handout_workflow import EquipmentHandout, EquipmentHandoutWorkflow
    from backend.workflows.training_plan_workflow import TrainingPlan, TrainingPlanWorkflow
    from backend.workflows.workplace_setup_workflow import WorkplaceSetup, WorkplaceSetupWorkflow

Word = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]


class EmployeeOnboarding(BaseModel):
    """Who starts, when, and what they need."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, FormField(section=N_("New employee"), width="wide")] = Field(
        title=N_("Name"), min_length=1, max_length=120, pattern=r"\S", examples=["Nina Holm"]
    )
    start_date: Annotated[date, FormField(width="narrow")] = Field(title=N_("First day"))
    email: Annotated[str, FormField(width="wide")] = Field(
        title=N_("Work email"),
        max_length=200,
        pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        description=N_("Their new address here; each account has its own."),
        examples=["nina.holm@example.com"],
    )
    manager: Annotated[str, FormField(lookup="managers", width="narrow")] = Field(
        title=N_("Manager"),
        min_length=1,
        max_length=60,
        description=N_("Confirms before anything is prepared."),
        examples=["mona"],
    )
    role: Annotated[str, FormField(section=N_("Role and equipment"), width="wide")] = Field(
        title=N_("Role"), min_length=1, max_length=120, pattern=r"\S", examples=["Logistics planner"]
    )
    department: Annotated[str, FormField(width="narrow")] = Field(
        title=N_("Department"), min_length=1, max_length=120, pattern=r"\S", examples=["Logistics"]
    )
    equipment: list[Word] = Field(
        title=N_("Equipment"),
        default_factory=list,
        max_length=20,
        description=N_("Up to 20 items."),
        examples=[["laptop", "phone", "badge"]],
    )

    @field_validator("start_date")
    @classmethod
    def not_in_the_past(cls, value: date, info: ValidationInfo) -> date:
        """The first day is never in the past."""
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
    question = N_("Should {name} start as {role_name} on {day}?")
    return [
        Step(
            key="manager",
            label=N_("Manager"),
            question=question.format(name=form.name, role_name=form.role, day=_day(form.start_date)),
            who=(f"person:{form.manager}",),
            due=plan.manager_due,
            reminder=plan.reminder,
            escalation=plan.escalation,
            escalate_to=("group:managers",),
            deadline=plan.deadline,
            if_nobody=N_("Escalates to the other managers; at the deadline nothing is prepared."),
            effects=(
                N_("Creates an account for {email_text}").format(email_text=form.email),
                N_("Sets aside {text}").format(text=", ".join(form.equipment))
                if form.equipment
                else N_("No equipment"),
                N_("Assigns a desk in {department_name}").format(department_name=form.department),
                N_("Books the training"),
            ),
        )
    ]


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def onboarding_subject(case: OnboardingCase) -> str:
    """The onboarding, as sentences name it."""
    return N_("the start of {name}").format(name=case.input.name)


def onboarding_milestones(case: OnboardingCase) -> list[Milestone]:
    """Submitted, confirmed, prepared, and the first day."""
    submitted = {"who": case.opened_by_name, "since": case.opened_at, "done_at": case.opened_at}
    return [
        Milestone(key="sent", label=N_("Submitted"), state=MilestoneState.DONE, **submitted),
        Milestone(key="manager", label=N_("Manager confirms")),
        Milestone(key="preparation", label=N_("Preparation")),
        Milestone(key="first_day", label=N_("First day"), detail=_day(case.input.start_date)),
    ]


def onboarding_facts(form: EmployeeOnboarding) -> list[Fact]:
    """What the manager and people operations look at first."""
    return [
        Fact(label=N_("Role"), value=form.role),
        Fact(label=N_("Department"), value=form.department),
        Fact(label=N_("First day"), value=form.start_date),
        Fact(label=N_("Manager"), value=PersonName(form.manager)),
        Fact(label=N_("Work email"), value=form.email),
        Fact(label=N_("Equipment"), value=", ".join(form.equipment) or N_("none")),
    ]


ONBOARDING_EFFECTS = (
    ApprovedEffect(
        activity=create_account,
        fits=lambda form, account: (account.name, account.email) == (form.name, form.email),
    ),
    ApprovedEffect(activity=reserve_equipment, fits=lambda form, request: request.items == form.equipment),
    ApprovedEffect(activity=assign_workplace, fits=lambda form, request: request.department == form.department),
    ApprovedEffect(activity=book_training, fits=lambda form, request: request.role == form.role),
)


@workflow.defn
class EmployeeOnboardingWorkflow(CaseWorkflow):
    """One person, from the announcement to the first day."""

    outcomes = frozenset({"onboarded", "rejected", "expired", "recalled"})

    case: OnboardingCase

    @workflow.init
    def __init__(self, case: OnboardingCase) -> None:
        super().__init__(case, onboarding_milestones(case))

    @workflow.run
    @concluded
    async def run(self, case: OnboardingCase) -> CaseEnd:
        """Have the manager confirm, prepare everything in parallel, and be ready on the first day."""
        await self.require_approvals(
            onboarding_steps,
            subject=onboarding_subject,
            milestones=onboarding_milestones,
            change_within=case.plan.amend_within,
        )
        self._start_preparation()
        while not self._is_prepared():
            self.stop_if_withdrawn()
            await self._next_action()
        self.stop_if_withdrawn()
        return self._onboarded()

    def _start_preparation(self) -> None:
        """Start the child workflows; they run in parallel."""
        self.progress.begin("preparation", N_("Preparing everything"), workflow.now())
        for run, key, label, part in self._parts():
            child = ChildCase[Any](
                tenant=self.case.tenant,
                case_id=self.case.case_id,
                reference=self.case.reference,
                key=key,
                label=label,
                approved=self.approved_form,
                input=part,
            )
            self.children.start(run, child)

    def _parts(self) -> Sequence[tuple[Run, str, str, BaseModel]]:
        form = self.case.input
        start = form.start_date
        training = TrainingPlan(name=form.name, role=form.role, manager=form.manager, start_date=start)
        accounts = AccountSetup(name=form.name, email=form.email, start_date=start)
        equipment = EquipmentHandout(items=form.equipment, start_date=start)
        workplace = WorkplaceSetup(department=form.department, start_date=start)
        parts: list[tuple[Run, str, str, BaseModel]] = [
            (AccountSetupWorkflow.run, "accounts", N_("Accounts"), accounts),
            (EquipmentHandoutWorkflow.run, "equipment", N_("Equipment"), equipment),
            (WorkplaceSetupWorkflow.run, "workplace", N_("Workplace"), workplace),
            (TrainingPlanWorkflow.run, "training", N_("Training"), training),
        ]
        return [part for part in parts if part[1] != "equipment" or form.equipment]

    def _is_prepared(self) -> bool:
        return self.children.over and not self.children.failed

    async def _next_action(self) -> None:
        """Wait until everything is prepared or people do something: move the first day, retry or resolve a failure."""
        first_day = _day(self.case.input.start_date)
        self.progress.sentence = N_("{name} starts on {day}").format(name=self.case.input.name, day=first_day)
        taken = await self._action_taken()
        if taken is None:
            return
        if taken.action == MOVE_START.key:
            await self._move_first_day()
        elif taken.action == RETRY.key:
            self.children.retry_failed()
        else:
            how = RESOLVE.input_of(taken).how
            self.children.resolve_failed(N_("Done manually by {name}: {text}").format(name=taken.name, text=how))

    async def _action_taken(self) -> ActionTaken | None:
        """What somebody did; None when other actions are possible from now on."""
        first_morning = morning_of(self.case.input.start_date)
        before, failed = workflow.now() < first_morning, bool(self.children.failed)
        return await self.offer(
            *((MOVE_START,) if before else ()),
            beyond=(RETRY, RESOLVE) if failed else (),
            until=first_morning if before else None,
            then=N_("The first day begins.") if before else "",
            unless=lambda: self._is_prepared() or bool(self.children.failed) != failed,
        )

    async def _move_first_day(self) -> None:
        self.progress.milestone("first_day").detail = _day(self.case.input.start_date)
        for _, key, _, part in self._parts():
            await self.children.change_plan(key, part)

    def _onboarded(self) -> CaseEnd:
        self.progress.done("preparation", workflow.now())
        self.progress.done("first_day", workflow.now(), _day(self.case.input.start_date))
        sentence = N_("Everything is ready for {name}.").format(name=self.case.input.name)
        return CaseEnd(outcome="onboarded", sentence=sentence, facts=self.children.facts)

    def withdrawn_end(self) -> CaseEnd:
        """Every part has undone what it did; what could not be undone is named."""
        if not self.progress.children:
            return CaseEnd(outcome="recalled", sentence=N_("The onboarding was withdrawn. Nothing was prepared."))
        if self.attention is None:
            return CaseEnd(outcome="recalled", sentence=N_("The onboarding was withdrawn. Everything was undone."))
        sentence = N_("The onboarding was withdrawn, but something is left to do. {attention}.")
        return CaseEnd(outcome="recalled", sentence=sentence.format(attention=self.attention))
