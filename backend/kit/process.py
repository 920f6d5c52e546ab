"""One business process: all that form, pages, REST, workers and metrics need to know of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel

from backend.kit.action import CaseAction
from backend.kit.approval import Step
from backend.kit.case import Case
from backend.kit.money import Money
from backend.kit.priority import Priority
from backend.kit.progress import Milestone

OutcomeKind = Literal["ok", "bad", "warn", "rest"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A word for how a case ended, and how it is stamped."""

    label: str
    kind: OutcomeKind


class PersonName(str):
    """The login of a person; pages show the name."""

    __slots__ = ()
    is_person = True


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One deciding fact of a case: label and value as people read them."""

    label: str
    value: str | PersonName | Money | date | datetime


@dataclass(frozen=True, kw_only=True)
class Rights:
    """Which groups may start, see, operate and administer the cases of a process.

    Whoever opened a case or may answer one of its approvals sees that case in any way.
    """

    start: frozenset[str]
    see: frozenset[str] = frozenset()
    operate: frozenset[str] = frozenset({"admins"})
    administer: frozenset[str] = frozenset({"admins"})


@dataclass(frozen=True, kw_only=True)
class RecallWords:
    """How taking a case back is called: button, verb and past, what it is done to, and what it does."""

    label: str = "Recall"
    verb: str = "Recall"
    past: str = "recalled"
    noun: str = "recall"
    thing: str = "request"
    effect: str = "What was done so far is undone."


@dataclass(frozen=True, kw_only=True)
class Process:
    """A business process as its entry in `processes.py` declares it.

    `time_limit_of` reads from the plan after how long a case ends by itself, unanswered; most have no such limit.
    `steps` tells from the form who is asked; `asks_underway` says that somebody may be asked besides.
    `extra` holds, by the key of a step, the model of the fields that a yes needs beside it.
    `columns` names short fields of the input that lists show and filter by; `priority_of` is asked with the form and
    today's date when a form is sent.
    """

    key: str
    prefix: str
    title: str
    call_to_action: str
    summary: str
    usual: str
    send_label: str
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
    asks_underway: bool = False
    extra: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    form_notes: Sequence[str] = ()
    time_limit_of: Callable[[Any], timedelta | None] = lambda _: None
    actions: Sequence[CaseAction[Any]] = ()
    children: Sequence[type[Any]] = ()
    recall: RecallWords = RecallWords()

    @property
    def asks_people(self) -> bool:
        """Whether its cases ever wait for an approval."""
        return self.steps is not None or self.asks_underway

    def people_in(self, form: Any) -> set[str]:
        """The people whom the facts of this form name."""
        return {fact.value for fact in self.facts_of(form) if isinstance(fact.value, PersonName)}

    def action(self, key: str) -> CaseAction[Any] | None:
        """The action with this key; None if the process has none."""
        return next((action for action in self.actions if action.key == key), None)

    def column_labels(self) -> dict[str, str]:
        """The columns of lists, with the titles that the form gives them."""
        fields = self.input.model_fields
        return {name: fields[name].title or name.replace("_", " ").capitalize() for name in self.columns}
