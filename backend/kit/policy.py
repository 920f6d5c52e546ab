"""The policy of a question to people: who may answer, how many must, by when, and what happens if they do not."""

import hashlib
import math
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.kit.decision import STANDARD_OPTIONS, DecisionKind, DecisionOption

ALL = 0


class Veto(StrEnum):
    """What one no does: it ends the approval, or it counts until a yes has become impossible."""

    NO_ENDS = "no_ends"
    NO_COUNTS = "no_counts"


class AtDeadline(StrEnum):
    """What a deadline does to an approval that nobody decided.

    `escalate` asks the people of the last escalation and gives them as long again, then it expires; `fail` fails the
    case; `go_on` lets the case go on without an answer.
    """

    EXPIRE = "expire"
    APPROVE = "approve"
    REJECT = "reject"
    ESCALATE = "escalate"
    FAIL = "fail"
    GO_ON = "go_on"


class Escalation(BaseModel):
    """Who is asked as well when nobody answered, and how long after the question."""

    model_config = ConfigDict(frozen=True)

    after: timedelta
    to: tuple[str, ...]


class PolicyTerms(BaseModel):
    """What a policy says of the answers themselves; every default is the strict one.

    Four eyes is no switch: who asked, who edited, and whoever stands in for one of them never decides.

    `options` are the answers offered, with their words. `bulk`, `substitution`, `delegation` and `override` say what
    people may do with the approval. `claim_binds` leaves the decision to whoever claimed it. `keep_votes` keeps the
    yeses of the former round when the request is changed. `undo_within` is how long an answer can be taken back,
    `correctable` names the fields of the form that an approver may correct.
    """

    model_config = ConfigDict(frozen=True)

    veto: Veto = Veto.NO_ENDS
    options: tuple[DecisionOption, ...] = STANDARD_OPTIONS
    at_deadline: AtDeadline = AtDeadline.EXPIRE
    working_time: bool = False
    bulk: bool = True
    substitution: bool = True
    delegation: bool = True
    override: bool = True
    claim_binds: bool = False
    keep_votes: bool = False
    undo_within: timedelta = timedelta(0)
    correctable: tuple[str, ...] = ()
    if_nobody: str = ""
    effects: tuple[str, ...] = ()

    def option(self, choice: DecisionKind, key: str = "") -> DecisionOption | None:
        """The option with this key, or the first that counts as this choice; None if it is not offered."""
        fitting = [each for each in self.options if each.counts_as is choice and key in {"", each.key}]
        return fitting[0] if fitting else None


class Policy(PolicyTerms):
    """Who may answer, how many must, and when people are reminded; lengths of time count from the question.

    `who` holds principals: `person:ann`, `group:finance`, `manager_of:ann`, or `computed:the owner of the vendor` for
    people whom an activity finds before the question is asked; `found` puts them in. Nobody listed means nobody may
    approve. `excluding` names those who may not decide for another reason than four eyes.

    `needed` is the number of yeses; 0 means all who may answer when the approval opens. `percent` of them replaces it,
    rounded up. `reminder` and `escalation` with `escalate_to` are short for the first of `reminders` and `escalations`.
    With `working_time` every length counts on the tenant's calendar: 24 hours are a working day, less is time at work.
    """

    who: tuple[str, ...]
    excluding: tuple[str, ...] = ()
    needed: int = Field(default=1, ge=ALL)
    percent: int | None = Field(default=None, ge=1, le=100)
    due: timedelta
    reminder: timedelta | None = None
    reminders: tuple[timedelta, ...] = ()
    escalation: timedelta | None = None
    escalate_to: tuple[str, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    deadline: timedelta

    @model_validator(mode="after")
    def deadline_has_somebody(self) -> Self:
        """A deadline that escalates needs somebody to escalate to."""
        if self.at_deadline is AtDeadline.ESCALATE and not self.chain and not self.escalate_to:
            raise ValueError("A deadline that escalates needs somebody to escalate to")
        return self

    @property
    def nudges(self) -> tuple[timedelta, ...]:
        """When people are reminded, in order."""
        first = (self.reminder,) if self.reminder else ()
        return tuple(sorted({*first, *self.reminders}))

    @property
    def chain(self) -> tuple[Escalation, ...]:
        """Who is asked as well before the deadline, in order."""
        first = (Escalation(after=self.escalation, to=self.escalate_to),) if self.escalation else ()
        return tuple(sorted((*first, *self.escalations), key=lambda each: each.after))

    def yeses(self, able: int) -> int:
        """How many yeses it takes when so many people can answer; never none."""
        if self.percent is not None:
            return max(math.ceil(able * self.percent / 100), 1)
        return self.needed or max(able, 1)

    def found(self, people: tuple[str, ...]) -> Self:
        """The same policy with the people that an activity found in place of every `computed` principal."""
        named = tuple(each for each in self.who if not each.startswith("computed:"))
        return self.model_copy(update={"who": (*named, *(f"person:{each}" for each in people))})


class Step(Policy):
    """One question of a process, and its policy; `because` says why this level is asked: «from EUR 1,000.00»."""

    key: str
    label: str
    question: str
    because: str = ""


class TimerKind(StrEnum):
    """What a timer of an approval is for."""

    REMIND = "remind"
    ESCALATE = "escalate"


class Timer(BaseModel):
    """One moment at which people are told; `number` counts each kind from 1."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    kind: TimerKind
    number: int
    last: bool = False


class Timetable(BaseModel):
    """When an approval is due, when people are reminded and others asked, and when it ends: moments, not lengths."""

    model_config = ConfigDict(frozen=True)

    due_at: datetime
    timers: tuple[Timer, ...] = ()
    expires_at: datetime


class ApprovalPolicy(PolicyTerms):
    """The policy of one approval as it was fixed when it opened; kept with the row.

    `chain` holds the principals of each escalation, in the order of the timetable.
    """

    who: tuple[str, ...]
    escalate_to: tuple[str, ...] = ()
    chain: tuple[tuple[str, ...], ...] = ()
    needed: int = Field(ge=1)
    excluded: tuple[str, ...] = ()
    handed_over: tuple[str, ...] = ()
    rule: str = ""
    timetable: Timetable | None = None

    @property
    def left_out(self) -> set[str]:
        """Who does not decide although they are named: four eyes and other reasons, or they gave their seat away."""
        return {*self.excluded, *self.handed_over}

    @property
    def version(self) -> str:
        """Equal for equal policies: the first 12 digits of the SHA-256 of what was fixed."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]
