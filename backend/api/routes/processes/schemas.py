"""The catalogue, and the case that was opened."""

from typing import Any

from pydantic import BaseModel, Field

from backend.api.routes.core.schema_types import CaseStatusWord


class ProcessOut(BaseModel):
    """A process."""

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
    """The opened case; with `wait`, its result if it ended in time."""

    reference: str = Field(examples=["PUR-000123"])
    workflow_id: str = Field(examples=["default.purchase_approval.PUR-000123"])
    status: CaseStatusWord
    outcome: str | None
    status_url: str = Field(examples=["/api/v1/cases/PUR-000123/progress"])
    result: dict[str, Any] | None = None
