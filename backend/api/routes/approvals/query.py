"""What a program may ask of a list of approvals."""

from pydantic import BaseModel, Field

from backend.api.routes.core.schema_types import PlainDecimal
from backend.cases.inbox.filters import Due, Tab
from backend.kit.approval import ApprovalState


class ApprovalQuery(BaseModel):
    """Which approvals to list, and in which order. Business fields of the form are given as in `f.vendor`."""

    list: Tab | None = Field(default=None, description="All you can see if omitted.")
    mine: bool = Field(
        default=False,
        description="Only those that need your decision; with a verdict as `state`, those you were asked to decide.",
    )
    state: ApprovalState | None = Field(default=None, description="Open approvals if omitted with `list=all`.")
    case: str = Field(default="", max_length=40)
    process: str = Field(default="", max_length=100)
    step: str = Field(default="", max_length=100)
    requester: str = Field(default="", max_length=100)
    due: Due | None = Field(default=None, description="Days and weeks are in your time zone.")
    amount_from: PlainDecimal | None = Field(default=None, ge=0)
    amount_to: PlainDecimal | None = Field(default=None, ge=0)
    sort: str = Field(
        default="due", pattern="^-?(due|priority|amount|age)$", description="Prefix `-` for descending order."
    )
