"""Wire models of approvals: the lists, one approval with its policy and decisions, and a decision."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.api.routes.core.schema_types import Moment, VersionNumber
from backend.kit.approval import ApprovalState, AtDeadline, DecisionKind, DecisionOption, Veto
from backend.kit.money import Money


class DecisionOut(BaseModel):
    """A decision with its evidence: for whom, through which channel, by which policy, and what was on the screen."""

    by: str
    acting_for: str | None
    kind: Literal["own", "override", "kept"]
    option: str
    channel: str
    policy: str = Field(description="Version of the policy that applied.")
    digest: str = Field(description="SHA-256 in hex of the form that was shown, with sorted keys.")
    corrected_from: int | None = Field(description="Version before this person corrected it.")
    event: int | None = Field(
        description="Id of the message that informed the workflow, if this decision led to the verdict."
    )
    extra: dict[str, Any] | None = Field(description="Additional fields of the decision.")
    decision: DecisionKind
    comment: str
    version: int
    at: Moment


class QuestionOut(BaseModel):
    """A question to the requester, with its answer if there is one."""

    id: str
    asked_by: str
    text: str
    asked_at: Moment
    answer: str
    answered_at: Moment | None


class RecommendationOut(BaseModel):
    """Advice that an approver requested from a colleague; `advice` is empty until it is given."""

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
    fields: dict[str, str | int | float | bool] = Field(default={}, description="Short fields of the form by name.")
    claimed_by: str | None = Field(default=None, description="Who claimed it; other approvers can still decide.")
    version: int = Field(description="Version of the form; a decision must carry the version that was seen.")


class PolicyOut(BaseModel):
    """The policy, fixed when the approval was opened."""

    version: str = Field(description="Hash of the policy: equal for equal policies.")
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
    """An approval with its policy, its decisions and who can decide."""

    rule: str
    needed: int
    policy: PolicyOut
    options: list[DecisionOption] = Field(description="Available decisions with the labels of their buttons.")
    extra_schema: dict[str, Any] | None = Field(description="JSON Schema of the additional fields for an approval.")
    impossible: str | None = Field(description="Why it cannot be approved at present.")
    may_answer: list[str]
    you_may: bool
    why_not: str | None
    votes: list[DecisionOut]
    decided_by: str | None
    decided_at: Moment | None
    claimed_at: Moment | None
    expires_at: Moment
    overridden: bool
    undo_until: Moment | None = Field(description="Until when you can undo your decision.")
    acting_for: str = Field(description="Name of the person you would decide for.")
    acts: list[str] = Field(description="Actions you can take other than deciding.", examples=[["ask", "delegate"]])
    questions: list[QuestionOut]
    recommendations: list[RecommendationOut]


class ApprovalPage(BaseModel):
    """One page of approvals, soonest due first."""

    items: list[ApprovalOut]
    next: str | None


class DecisionIn(BaseModel):
    """A decision; `version` is the version that was on the screen."""

    model_config = ConfigDict(extra="forbid")

    decision: DecisionKind
    comment: str = ""
    version: VersionNumber
    option: str = Field(default="", description="Key of the option, if several options count as this decision.")
    extra: dict[str, Any] = Field(default={}, description="Additional fields for an approval, as in `extra_schema`.")
