"""Wire models of the REST twins, where they differ from the domain's."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from backend.kit.action import OfferedAction
from backend.kit.approval import ApprovalState, AtDeadline, Choice, Option, Veto
from backend.kit.money import Money
from backend.kit.progress import ChildProgress, Milestone, Turn

Moment = Annotated[
    datetime, PlainSerializer(lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str)
]
CaseStatusWord = Literal["queued", "running", "completed", "cancelled", "failed", "terminated", "timed_out"]


class Problem(BaseModel):
    """RFC 9457 problem details with a stable code."""

    type: str = Field(examples=["urn:countersign:already_decided"])
    title: str = Field(examples=["Nothing was changed"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["Already decided: Fay Nowak approved this. Nothing was changed."])
    code: str = Field(examples=["already_decided"])
    instance: str = Field(examples=["/api/v1/approvals/0199…/decision"])
    request_id: str = Field(examples=["req-7f3a91c2d4e5"])


class ProcessOut(BaseModel):
    """One process of the catalogue."""

    key: str = Field(examples=["purchase_approval"])
    title: str
    summary: str
    usual: str
    may_start: bool
    outcomes: dict[str, str]


class ProcessDetail(ProcessOut):
    """A process with the JSON Schema of its input."""

    input_schema: dict[str, Any]


class AcceptedOut(BaseModel):
    """The case that was opened; with `wait`, its result if it ended in time."""

    reference: str = Field(examples=["PUR-000123"])
    workflow_id: str = Field(examples=["default.purchase_approval.PUR-000123"])
    status: CaseStatusWord
    outcome: str | None
    status_url: str = Field(examples=["/api/v1/cases/PUR-000123/progress"])
    result: dict[str, Any] | None = None


class CaseOut(BaseModel):
    """One case."""

    reference: str
    process: str
    title: str
    status: CaseStatusWord
    outcome: str | None
    amount: Money | None
    version: int
    opened_by: str
    opened_at: Moment
    closed_at: Moment | None
    workflow_id: str
    run_id: str | None
    attention: str | None


class CaseDetail(CaseOut):
    """A case with its form and result."""

    input: dict[str, Any]
    result: dict[str, Any] | None


class CasePage(BaseModel):
    """Some cases; `next` is the `after` of the following page, null at the end."""

    items: list[CaseOut]
    next: str | None


class ProgressOut(BaseModel):
    """How far a case is; `stale` says that the workflow did not answer and this was recorded at `as_of`."""

    reference: str
    status: CaseStatusWord
    outcome: str | None
    sentence: str
    milestones: list[Milestone]
    turn: Turn | None
    actions: list[OfferedAction]
    children: list[ChildProgress]
    as_of: Moment
    stale: bool


class ActionOut(BaseModel):
    """What you may do with a case now; `then` is what happens at `until` if nobody acts."""

    key: str
    label: str
    offer: int
    until: Moment | None
    then: str
    input_schema: dict[str, Any]


class ArticleOut(BaseModel):
    """One published article; its body is Markdown. A retracted one has no body, but a time and a reason."""

    slug: str
    reference: str
    title: str
    summary: str
    body: str
    tags: list[str]
    author: str
    published_at: Moment
    retracted_at: Moment | None
    retraction: str


class ArticlePage(BaseModel):
    """Some articles; `next` is the `after` of the following page, null at the end."""

    items: list[ArticleOut]
    next: str | None


class JournalOut(BaseModel):
    """One thing that happened."""

    at: Moment
    kind: str
    actor: str | None
    sentence: str
    quote: str


class CommentOut(BaseModel):
    """One remark."""

    at: Moment
    by: str
    text: str


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
    decision: Choice
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
    delegation: bool
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
    options: list[Option] = Field(description="The answers that are offered, with the words on their buttons.")
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

    decision: Choice
    comment: str = ""
    version: int = Field(ge=1)
    option: str = Field(default="", description="Which of the offered options, where several count as this decision.")
    extra: dict[str, Any] = Field(default={}, description="What a yes needs beside it, as in `extra_schema`.")


class RecallIn(BaseModel):
    """Why the case is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=1000)


class CommentIn(BaseModel):
    """A remark."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=4000)


class AmendIn(BaseModel):
    """The whole form again, and the version that it replaces."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1)
    input: dict[str, Any]


class ExecutionOut(BaseModel):
    """One execution in a list."""

    workflow_id: str
    run_id: str
    type: str
    status: str
    started_at: Moment
    closed_at: Moment | None
    task_queue: str
    history_length: int


class ExecutionPage(BaseModel):
    """Some executions."""

    items: list[ExecutionOut]
    next: str | None


class EventOut(BaseModel):
    """One history event with its payloads decrypted."""

    id: int
    at: Moment
    kind: str
    about: str
    event: dict[str, Any]


class EventPage(BaseModel):
    """Up to 200 events behind `after`; `next` is null at the end."""

    items: list[EventOut]
    next: int | None


class PendingOut(BaseModel):
    """One activity that is not done."""

    name: str
    state: str
    attempt: int
    failure: str
    next_attempt_at: Moment | None
    last_worker: str


class NotificationOut(BaseModel):
    """One thing that you were told; `state` is how its approval stands by now."""

    id: str
    event: str
    headline: str
    note: str
    reference: str
    state: str
    leads_to: str
    at: Moment
    read_at: Moment | None


class NotificationPage(BaseModel):
    """Some of what you were told, and how much of all is unread."""

    items: list[NotificationOut]
    next: str | None
    unread: int


class DeliveryOut(BaseModel):
    """One mail: to whom, about which case, and how it stands."""

    id: str
    event: str
    headline: str
    to: str
    address: str
    reference: str
    state: str
    attempts: int
    reason: str
    provider_id: str
    due_at: Moment
    created_at: Moment
    sent_at: Moment | None


class DeliveryPage(BaseModel):
    """Some mails."""

    items: list[DeliveryOut]
    next: str | None


class AuditOut(BaseModel):
    """One row of the audit trail."""

    seq: int
    at: Moment
    action: str
    actor: str
    name: str
    subject: str
    facts: dict[str, Any]
    hash: str


class AuditPage(BaseModel):
    """Some rows of the audit trail."""

    items: list[AuditOut]
    next: str | None


class AuditProof(BaseModel):
    """What verification found: how many rows hold, the last one's hash, and the first row that does not hold."""

    ok: bool
    tenant: str
    rows: int
    head: str
    broken_at: int | None
    reason: str
