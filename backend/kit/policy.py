"""The policy of an approval: who may decide, how many must, by when, and what happens if they do not."""

import hashlib
import json
import math
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

from backend.kit.decision import STANDARD_OPTIONS, DecisionKind, DecisionOption

ALL = 0
# Releases before the split stored one name for both; digests of policies that are equal have to stay equal.
_SPLIT = {"consultation": "delegation", "reassignment": "delegation"}
_ADDED: dict[str, object] = {"distinct": True, "decided_before": ()}


class Veto(StrEnum):
    """What one rejection does.

    It ends the approval, or it counts until approval has become impossible, or it counts once everybody has decided.
    """

    NO_ENDS = "no_ends"
    NO_COUNTS = "no_counts"
    COUNT_AT_END = "count_at_end"


class AtDeadline(StrEnum):
    """What a deadline does to an approval that nobody decided.

    `escalate` asks the people of the last escalation and gives them as long again, then it expires; `fail` fails the
    case; `go_on` continues the case without a decision.
    """

    EXPIRE = "expire"
    APPROVE = "approve"
    REJECT = "reject"
    ESCALATE = "escalate"
    FAIL = "fail"
    GO_ON = "go_on"


class Escalation(BaseModel):
    """Who else is asked when nobody decided, and how long after the approval opened."""

    model_config = ConfigDict(frozen=True)

    after: timedelta
    to: tuple[str, ...]


class PolicyTerms(BaseModel):
    """How decisions are made; every default is the strict one.

    Four eyes cannot be turned off: the requester and editors never decide, and nobody decides in their name.
    `distinct` wants other people at each step of a case: who approved one step decides no other in the same round.

    `options` are the decisions offered, with their labels. `bulk`, `substitution`, `consultation` (request advice),
    `reassignment` (to another person) and `override` say what people may do with the approval. `claim_binds` reserves
    the decision for the person who claimed it. `keep_votes` keeps the approvals of the previous round when the request
    is changed. `undo_within` is how long a decision can be retracted, `correctable` names the form fields that an
    approver may correct.
    """

    model_config = ConfigDict(frozen=True)

    veto: Veto = Veto.NO_ENDS
    distinct: bool = True
    options: tuple[DecisionOption, ...] = STANDARD_OPTIONS
    at_deadline: AtDeadline = AtDeadline.EXPIRE
    working_time: bool = True
    bulk: bool = True
    substitution: bool = True
    consultation: bool = True
    reassignment: bool = True
    override: bool = True
    claim_binds: bool = False
    keep_votes: bool = False
    undo_within: timedelta = timedelta(0)
    correctable: tuple[str, ...] = ()
    if_nobody: str = ""
    effects: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def read_before_split(cls, given: Any) -> Any:
        """Read `delegation`, the stored name of both `consultation` and `reassignment` before they were split."""
        if not isinstance(given, dict) or "delegation" not in given:
            return given
        old = given["delegation"]
        return {"consultation": old, "reassignment": old, **given}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def delegation(self) -> bool:
        """Whether both are allowed: written for programs and releases that know this name alone."""
        return self.consultation and self.reassignment

    def option(self, kind: DecisionKind, key: str = "") -> DecisionOption | None:
        """The option with this key, or the first that counts as this kind; None if it is not offered."""
        return next((each for each in self.options if each.counts_as is kind and key in {"", each.key}), None)


class Policy(PolicyTerms):
    """Who may decide, how many must, and when people are reminded; durations count from when the approval opens.

    `who` holds principals: `person:ann`, `group:finance`, `manager_of:ann`, or `computed:the owner of the vendor` for
    people whom an activity finds before the approval opens; `found` puts them in. Nobody listed means nobody may
    approve. `excluding` names those who may not decide for another reason than four eyes.

    `needed` is the number of approvals; 0 means all who may decide when the approval opens. `percent` of them replaces
    it, rounded up. Neither falls below `at_least`, however few are left: the approval then waits. `reminder` and
    `escalation` with `escalate_to` are short for the first of `reminders` and `escalations`. With `working_time`, the
    default, every duration counts on the tenant's calendar: 24 hours are a working day, less is time at work, and less
    than an hour counts by the clock.
    """

    who: tuple[str, ...]
    excluding: tuple[str, ...] = ()
    needed: int = Field(default=1, ge=ALL)
    percent: int | None = Field(default=None, ge=1, le=100)
    at_least: int = Field(default=1, ge=1)
    due: timedelta
    reminder: timedelta | None = None
    reminders: tuple[timedelta, ...] = ()
    escalation: timedelta | None = None
    escalate_to: tuple[str, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    deadline: timedelta

    @model_validator(mode="after")
    def deadline_has_somebody(self) -> Self:
        """A deadline that escalates needs a person to escalate to."""
        if self.at_deadline is AtDeadline.ESCALATE and not self.chain and not self.escalate_to:
            raise ValueError("A deadline that escalates needs a person to escalate to")
        return self

    @property
    def reminder_times(self) -> tuple[timedelta, ...]:
        """When people are reminded, in order."""
        first = (self.reminder,) if self.reminder else ()
        return tuple(sorted({*first, *self.reminders}))

    @property
    def chain(self) -> tuple[Escalation, ...]:
        """Who else is asked before the deadline, in order."""
        first = (Escalation(after=self.escalation, to=self.escalate_to),) if self.escalation else ()
        return tuple(sorted((*first, *self.escalations), key=lambda each: each.after))

    def quorum(self, able: int) -> int:
        """How many approvals are needed when so many people can decide; never fewer than `at_least`."""
        if self.percent is not None:
            return max(math.ceil(able * self.percent / 100), self.at_least)
        return self.needed or max(able, self.at_least)

    def found(self, people: tuple[str, ...]) -> Self:
        """The same policy with the people that an activity found in place of every `computed` principal."""
        named = tuple(each for each in self.who if not each.startswith("computed:"))
        return self.model_copy(update={"who": (*named, *(f"person:{each}" for each in people))})


class Step(Policy):
    """One approval of a process, and its policy; `because` says why this level is needed: "from EUR 1,000.00"."""

    key: str
    label: str
    question: str
    because: str = ""


class TimerKind(StrEnum):
    """What a timer of an approval is for."""

    REMIND = "remind"
    ESCALATE = "escalate"


class Timer(BaseModel):
    """One moment at which people are notified; `number` counts each kind from 1."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    kind: TimerKind
    number: int
    last: bool = False


class Timetable(BaseModel):
    """When an approval is due, escalates, reminds people and ends: moments, not durations."""

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
    decided_before: tuple[str, ...] = ()
    rule: str = ""
    timetable: Timetable | None = None

    @property
    def left_out(self) -> set[str]:
        """Who does not decide although they are named: excluded, reassigned, or approved another step."""
        return {*self.excluded, *self.handed_over, *self.decided_before}

    @property
    def version(self) -> str:
        """Equal for equal policies: the first 12 digits of the SHA-256 of what was fixed."""
        added = [name for name, unchanged in _ADDED.items() if getattr(self, name) == unchanged]
        fixed = self.model_dump(mode="json", exclude={"delegation", *added})
        if self.consultation == self.reassignment:
            fixed = {_SPLIT.get(name, name): value for name, value in fixed.items()}
        text = json.dumps(fixed, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]
