"""What a program may ask of a list of approvals."""

from decimal import Decimal

from pydantic import BaseModel, Field

from backend.cases.inbox.filters import Due, Tab
from backend.kit.approval import ApprovalState


class ApprovalQuery(BaseModel):
    """Which approvals to list, and in which order. Business fields of the form stand beside these, as in `f.vendor`."""

    list: Tab | None = Field(default=None, description="Without it, all that you may see.")
    mine: bool = Field(default=False, description="What waits for you; with a verdict as state, what was asked of you.")
    state: ApprovalState | None = Field(default=None, description="Without it, `list=all` shows the open ones.")
    case: str = Field(default="", max_length=40)
    process: str = Field(default="", max_length=100)
    step: str = Field(default="", max_length=100)
    requester: str = Field(default="", max_length=100)
    due: Due | None = Field(default=None, description="In your days and weeks.")
    amount_from: Decimal | None = Field(default=None, ge=0)
    amount_to: Decimal | None = Field(default=None, ge=0)
    sort: str = Field(default="due", pattern="^-?(due|priority|amount|age)$", description="With `-`, the other way.")
