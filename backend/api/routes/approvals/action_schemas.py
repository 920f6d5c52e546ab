"""Wire models of the approval actions other than deciding."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.api.routes.core.schema_types import VersionNumber
from backend.kit.approval import DecisionKind

LONGEST_NAME = 60
LONGEST_TEXT = 4000


class _Act(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskIn(_Act):
    """A question to the requester."""

    text: str = Field(max_length=LONGEST_TEXT, examples=["Is the frame included?"])


class AnswerIn(_Act):
    """The requester's answer to one question."""

    question: UUID
    text: str = Field(max_length=LONGEST_TEXT)


class RequestAdviceIn(_Act):
    """The colleague to ask for advice."""

    to: str = Field(max_length=LONGEST_NAME, examples=["olga"])
    note: str = Field(default="", max_length=LONGEST_TEXT)


class AdviseIn(_Act):
    """A recommendation and its reason."""

    advice: DecisionKind
    comment: str = Field(max_length=LONGEST_TEXT)


class ReassignIn(_Act):
    """The new approver, and whom they replace; empty means you."""

    to: str = Field(max_length=LONGEST_NAME, examples=["fay"])
    whose: str = Field(default="", max_length=LONGEST_NAME)
    reason: str = Field(default="", max_length=LONGEST_TEXT)


class CorrectIn(_Act):
    """The changed fields, and the version of the form that was seen."""

    version: VersionNumber
    input: dict[str, Any] = Field(examples=[{"cost_centre": "3100"}])
    reason: str = Field(default="", max_length=LONGEST_TEXT)


class OverrideIn(_Act):
    """The verdict, the reason, and the version of the form that was seen."""

    decision: DecisionKind
    version: VersionNumber
    reason: str = Field(max_length=LONGEST_TEXT)


class AddApproverIn(_Act):
    """The person to add as an approver."""

    person: str = Field(max_length=LONGEST_NAME, examples=["fay"])
    reason: str = Field(default="", max_length=LONGEST_TEXT)
