"""Wire models of answering many approvals at once."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.api.routes.core.schema_types import Moment, VersionNumber
from backend.cases.inbox.bulk import MOST
from backend.kit.approval import DecisionKind


class BulkPick(BaseModel):
    """An approval, and the version of the form that was seen."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    version: VersionNumber


class BulkIn(BaseModel):
    """One decision for several approvals."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "decision": "approve",
                    "comment": "Within the yearly budget.",
                    "items": [{"id": "01a20d32-4d78-7ffc-8675-ea825c328b49", "version": 1}],
                }
            ]
        },
    )

    decision: Literal[DecisionKind.APPROVE, DecisionKind.REJECT]
    comment: str = ""
    items: list[BulkPick] = Field(min_length=1, max_length=MOST)


class DifferenceOut(BaseModel):
    """A field that changed since the version that was seen; `parts` of a long text: `same`, `gone` or `new`."""

    label: str
    before: str
    after: str
    parts: list[tuple[Literal["same", "gone", "new"], str]] = []


class BulkItemOut(BaseModel):
    """The result for one approval; `code` is the problem code if it was refused."""

    id: str
    reference: str
    version: int
    state: Literal["picked", "waiting", "decided", "refused"]
    code: str
    result: str
    differences: list[DifferenceOut]
    at: Moment | None


class BulkOut(BaseModel):
    """The progress of a job."""

    id: str
    url: str = Field(examples=["/api/v1/approvals/bulk/01a20d32-4d78-7ffc-8675-ea825c328b49"])
    decision: DecisionKind | None
    decided: int
    refused: int
    waiting: int
    items: list[BulkItemOut]
