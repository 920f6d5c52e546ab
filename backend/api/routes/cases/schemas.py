"""Cases: lists, details, progress, activity, and what can be sent to a case."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from backend.api.routes.core.schema_types import CaseStatusWord, Moment, VersionNumber
from backend.kit.action import OfferedAction
from backend.kit.money import Money
from backend.kit.progress import ChildProgress, Milestone, Turn


class CaseOut(BaseModel):
    """A case."""

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
    """One page of cases; `next` is the `after` of the next page, null at the end."""

    items: list[CaseOut]
    next: str | None


class ProgressOut(BaseModel):
    """The progress of a case; `stale`: the workflow did not respond, and this was recorded at `as_of`."""

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
    """An available action of a case; `then` is what happens at `until` if nobody acts."""

    key: str
    label: str
    offer: int
    until: Moment | None
    then: str
    input_schema: dict[str, Any]


class JournalOut(BaseModel):
    """An entry of the activity of a case."""

    at: Moment
    kind: str
    actor: str | None
    sentence: str
    quote: str


class CommentOut(BaseModel):
    """A comment."""

    at: Moment
    by: str
    text: str


class RecallIn(BaseModel):
    """The reason for withdrawing the case."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=1000)


class CommentIn(BaseModel):
    """A new comment."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=4000)


class AmendIn(BaseModel):
    """The whole form, and the version that it replaces."""

    model_config = ConfigDict(extra="forbid")

    version: VersionNumber
    input: dict[str, Any]
