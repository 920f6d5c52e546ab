"""Approvals: the lists, one with its policy and votes, and the answer."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.api.routes.core.schema_types import Moment
from backend.kit.approval import ApprovalState, AtDeadline, DecisionKind, DecisionOption, Veto
from backend.kit.money import Money


class VoteOut(BaseModel):
    """One answer, with all that proves it: whose seat, which way, by which policy, and what was on the screen."""

    by: str
    acting_for: str | None
    kind: Literal["own", "override", "kept"]
    option: str
    channel: str
    policy: str = Field(description="The version of the policy as it stood.")
    digest: str = Field(description="SHA-256 of the form that was shown, keys sorted, in hex.")
    corrected_from: int | None = Field(description="The version before this person corrected it here.")
    event: int | None = Field(description="The row that told the workflow, if this answer brought the verdict.")
    extra: dict[str, Any] | None = Field(description="The fields that came with it.")
    decision: DecisionKind
    comment: str
    version: int
    at: Moment


class QuestionOut(BaseModel):
    """One question to the requester, and the answer once there is one."""

    id: str
    asked_by: str
    text: str
    asked_at: Moment
    answer: str
    answered_at: Moment | None


class RecommendationOut(BaseModel):
    """Advice that an approver asked of a colleague; `advice` is empty until it is given."""

    from_person: str
    to_person: str
    state: Literal["open", "answered", "taken_back", "not_needed"]
    note: str
    advice: str
    words: str


class ApprovalOut(BaseModel):
    """One approval as the inbox lists it."""

    id: str
    reference: str
    process: str
    step: str
    label: str
    question: str
    state: ApprovalState
    title: str
    amount: Money | None
    requester: str
    due_at: Moment
    asked_at: Moment
    priority: Literal["high", "normal"] = "normal"
    fields: dict[str, str | int | float | bool] = Field(default={}, description="Short fields of the form, by name.")
    claimed_by: str | None = Field(
        default=None, description="Who works on it; whoever is asked may answer all the same."
    )
    version: int = Field(description="The version of the form; a decision carries the one it saw.")


class PolicyOut(BaseModel):
    """The policy as it was fixed when the approval opened."""

    version: str = Field(description="Equal for equal policies.")
    veto: Veto
    at_deadline: AtDeadline
    working_time: bool
    reminders: list[Moment]
    escalations: list[Moment]
    bulk: bool
    substitution: bool
    consultation: bool = Field(description="Whether approvers may request advice.")
    reassignment: bool = Field(description="Whether approvers may reassign their decision.")
    delegation: bool = Field(description="Whether both `consultation` and `reassignment` are allowed.")
    override: bool
    claim_binds: bool
    keep_votes: bool
    undo_seconds: int
    correctable: list[str]


class ApprovalDetail(ApprovalOut):
    """An approval with its policy, votes and who may answer."""

    rule: str
    needed: int
    policy: PolicyOut
    options: list[DecisionOption] = Field(description="The answers that are offered, with the words on their buttons.")
    extra_schema: dict[str, Any] | None = Field(description="JSON Schema of the fields that a yes needs beside it.")
    impossible: str | None = Field(description="Why it cannot be approved as it stands.")
    may_answer: list[str]
    you_may: bool
    why_not: str | None
    votes: list[VoteOut]
    decided_by: str | None
    decided_at: Moment | None
    claimed_at: Moment | None
    expires_at: Moment
    overridden: bool
    undo_until: Moment | None = Field(description="Until when you can take your answer back.")
    acting_for: str = Field(description="The name of whom you would decide for.")
    acts: list[str] = Field(description="What you may do beside deciding.", examples=[["ask", "delegate"]])
    questions: list[QuestionOut]
    recommendations: list[RecommendationOut]


class ApprovalPage(BaseModel):
    """Some approvals, soonest due first."""

    items: list[ApprovalOut]
    next: str | None


class DecisionIn(BaseModel):
    """An answer: the version says what was on the screen."""

    model_config = ConfigDict(extra="forbid")

    decision: DecisionKind
    comment: str = ""
    version: int = Field(ge=1)
    option: str = Field(default="", description="Which of the offered options, where several count as this decision.")
    extra: dict[str, Any] = Field(default={}, description="What a yes needs beside it, as in `extra_schema`.")
