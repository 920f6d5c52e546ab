"""The words of deciding: steps that ask, choices that answer, verdicts that count."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Choice(StrEnum):
    """What one person answers."""

    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"


class ApprovalState(StrEnum):
    """Where an approval stands; all but `open` are verdicts."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    NOT_NEEDED = "not_needed"


class Step(BaseModel):
    """One question of a process: who may answer, how many must, by when, and what then.

    `who` and `escalate_to` hold principals: `person:ann`, `group:finance`, `manager_of:ann`.
    `needed` is the number of yeses; 0 means all who may answer when the approval opens.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    label: str
    question: str
    who: tuple[str, ...]
    needed: int = Field(default=1, ge=0)
    due: timedelta
    reminder: timedelta | None = None
    escalation: timedelta | None = None
    escalate_to: tuple[str, ...] = ()
    deadline: timedelta
    if_nobody: str = ""
    effects: tuple[str, ...] = ()


class ApprovalPolicy(BaseModel):
    """The policy of one approval as it was fixed when it opened; kept with the row."""

    who: tuple[str, ...]
    escalate_to: tuple[str, ...] = ()
    needed: int = Field(ge=1)
    excluded: tuple[str, ...] = ()
    rule: str = ""
    if_nobody: str = ""
    effects: tuple[str, ...] = ()


class Decision(BaseModel):
    """The verdict of one approval, as the `decide` signal carries it into the workflow."""

    approval_id: UUID
    step: str
    round: int
    verdict: ApprovalState
    by: tuple[str, ...] = ()
    names: str = ""
    comment: str = ""
    version: int
    at: datetime
