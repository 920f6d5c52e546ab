"""One business process: everything that forms, pages, REST, workers and metrics need to know about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel

from backend.kit.action import CaseAction
from backend.kit.approval import Step
from backend.kit.case import Case
from backend.kit.form_check import ACTION_CONTROLS, DECISION_CONTROLS, IN_A_START_FORM, BadForm, check_form
from backend.kit.form_values import PersonName
from backend.kit.forms import describe, people_named
from backend.kit.i18n import N_
from backend.kit.look import Look, Tone
from backend.kit.money import Money
from backend.kit.naming import activity_queue, workflow_queue
from backend.kit.priority import Priority
from backend.kit.progress import Milestone

OutcomeKind = Literal["ok", "bad", "warn", "rest"]
_ICONS: Mapping[OutcomeKind, str] = {"ok": "check", "bad": "x", "warn": "clock", "rest": "arrow-back-up"}
_TONES: Mapping[OutcomeKind, Tone] = {"ok": "ok", "bad": "bad", "warn": "warn", "rest": ""}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The name of an outcome, and whether it is good, bad, worth a look, or neutral."""

    label: str
    kind: OutcomeKind

    @property
    def look(self) -> Look:
        """How lists and pages show it."""
        return Look(self.label, _ICONS[self.kind], _TONES[self.kind])


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One deciding fact of a case: label and value as people read them."""

    label: str
    value: str | PersonName | Money | date | datetime


@dataclass(frozen=True, kw_only=True)
class Rights:
    """Which groups may start, see, operate and administer the cases of a process.

    The requester of a case and the approvers of its approvals can always see it.
    """

    start: frozenset[str]
    see: frozenset[str] = frozenset()
    operate: frozenset[str] = frozenset({"admins"})
    administer: frozenset[str] = frozenset({"admins"})

    @property
    def operators(self) -> frozenset[str]:
        """Who may look into executions, and reassign and override approvals."""
        return self.operate | self.administer

    @property
    def all_named(self) -> frozenset[str]:
        """Every group that has a right."""
        return self.start | self.see | self.operators


@dataclass(frozen=True, kw_only=True)
class ApprovedEffect:
    """An effect that a case may have only as it was approved: its activity, and whether the form asks for it.

    `fits` is asked with the approved form and the argument of the activity; the worker refuses what does not fit.
    """

    activity: Callable[..., Any]
    fits: Callable[[Any, Any], bool]


@dataclass(frozen=True, kw_only=True)
class WithdrawalWords:
    """How a withdrawal reads: the button, the badge, the line in the journal, the confirmation, and its effect."""

    action: str = N_("Withdraw")
    requested: str = N_("Withdrawal requested")
    journal: str = N_("withdrew the request.")
    done: str = N_("{reference} was withdrawn.")
    effect: str = N_("Everything done so far is undone.")


@dataclass(frozen=True, kw_only=True)
class Process:
    """A business process as its entry in `processes.py` declares it.

    `time_limit_of` reads from the plan after how long a case times out; most have no such limit.
    `change_within_of` reads from it how long a case that was sent back waits for its new version.
    `steps` are the approvals that follow from the form; `ad_hoc_approvals` says that the workflow may request others.
    `decision_fields` holds, by the key of a step, the model of the fields that an approval has to fill in.
    `columns` names short fields of the input that lists show and filter by; `priority_of` is asked with the form and
    today's date when a form is sent. `approved_effects` are checked against the approved form before they happen.
    `maintenance` marks a process that maintains Countersign itself: lists show it last.
    """

    key: str
    prefix: str
    title: str
    call_to_action: str
    summary: str
    typical_duration: str
    submit_label: str
    domain: str
    icon: str
    input: type[BaseModel]
    plan: type[BaseModel]
    workflow: type[Any]
    activities: Sequence[Callable[..., Any]]
    rights: Rights
    outcomes: Mapping[str, Outcome]
    title_of: Callable[[Any], str]
    milestones: Callable[[Case[Any, Any]], list[Milestone]]
    amount_of: Callable[[Any], Money | None] = lambda _: None
    facts_of: Callable[[Any], list[Fact]] = field(default=lambda _: [])
    columns: Sequence[str] = ()
    priority_of: Callable[[Any, date], Priority] = lambda _form, _today: Priority.NORMAL
    steps: Callable[[Case[Any, Any]], Sequence[Step]] | None = None
    ad_hoc_approvals: bool = False
    decision_fields: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    form_notes: Sequence[str] = ()
    time_limit_of: Callable[[Any], timedelta | None] = lambda _: None
    change_within_of: Callable[[Any], timedelta | None] = lambda _: None
    actions: Sequence[CaseAction[Any]] = ()
    approved_effects: Sequence[ApprovedEffect] = ()
    children: Sequence[type[Any]] = ()
    withdrawal: WithdrawalWords = WithdrawalWords()
    maintenance: bool = False

    @property
    def needs_approval(self) -> bool:
        """Whether its cases ever wait for an approval."""
        return self.steps is not None or self.ad_hoc_approvals

    @property
    def queues(self) -> list[str]:
        """The task queues that its cases need workers on."""
        return [workflow_queue(self.domain), *([activity_queue(self.domain)] if self.activities else [])]

    def __post_init__(self) -> None:
        """BadForm, in one sentence that names process and field, for what could not work later."""
        where = f"Process {self.key}"
        check_form(self.input, where, IN_A_START_FORM, takes_files=True)
        for action in self.actions:
            check_form(action.input, f"{where}, action {action.key}", ACTION_CONTROLS)
        for step, model in self.decision_fields.items():
            check_form(model, f"{where}, step {step}", DECISION_CONTROLS)
        for column in self.columns:
            if column not in self.input.model_fields:
                raise BadForm(f"{where}: the column “{column}” is no field of its form")
        if not self.outcomes:
            raise BadForm(f"{where}: it has no outcomes")
        declared: frozenset[str] = getattr(self.workflow, "outcomes", frozenset())
        if not declared:
            raise BadForm(f"{where}: its workflow does not declare the `outcomes` it can end with")
        for outcome in sorted(declared - self.outcomes.keys()):
            raise BadForm(f"{where}: its workflow can end with “{outcome}”, which is none of its outcomes")

    def people_in(self, form: Any) -> set[str]:
        """The people named in this form or its facts."""
        return people_named(form) | {fact.value for fact in self.facts_of(form) if isinstance(fact.value, PersonName)}

    def look_of(self, outcome: str) -> Look:
        """The look of an outcome; neutral if the process no longer has it."""
        return self.outcomes.get(outcome, Outcome(label=outcome, kind="rest")).look

    def action(self, key: str) -> CaseAction[Any] | None:
        """The action with this key; None if the process has none."""
        return next((action for action in self.actions if action.key == key), None)

    def column_labels(self) -> dict[str, str]:
        """The columns of lists, with the titles that the form gives them."""
        labels = {one.name: one.label for one in describe(self.input).fields}
        return {name: labels[name] for name in self.columns}
