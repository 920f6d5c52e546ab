"""Wire models of explained policies."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from backend.api.routes.core.schema_types import Moment
from backend.kit.approval import AtDeadline, Veto


class ExplainIn(BaseModel):
    """The input to explain; process operators can explain it for another requester."""

    model_config = ConfigDict(extra="forbid")

    process: str = Field(examples=["purchase_approval"])
    input: dict[str, Any]
    requester: str = ""


class LeftOutOut(BaseModel):
    """A person who is named but excluded from deciding."""

    name: str = Field(examples=["Finn Aalto"])
    why: str = Field(examples=["asks for it, and nobody decides what they asked for"])


class AskedTooOut(BaseModel):
    """An additional approver, and when they are asked."""

    at: Moment
    who: str


class ExplainedStepOut(BaseModel):
    """One approval step, with times as if it was opened now."""

    step: str
    label: str
    question: str
    because: str
    found_as: str = Field(examples=["the manager of Ann Berger"])
    rule: str
    needed: int
    veto: Veto
    may_answer: list[str]
    left_out: list[LeftOutOut]
    impossible: str | None
    working_time: bool
    due_at: Moment
    reminders: list[Moment]
    escalations: list[AskedTooOut]
    expires_at: Moment
    at_deadline: AtDeadline
    effects: list[str]


class ExplanationOut(BaseModel):
    """All approval steps in order."""

    process: str
    requester: str
    asked_at: Moment
    steps: list[ExplainedStepOut]
