"""What one person may decide, and the states of an approval."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class DecisionKind(StrEnum):
    """What one person decides."""

    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"


class ApprovalState(StrEnum):
    """The state of an approval; all but `open` are verdicts."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    NOT_NEEDED = "not_needed"


class DecisionOption(BaseModel):
    """One decision that is offered: its button, the kind it counts as, and whether it needs a comment.

    `label` is the verb on the button, `done` the same in the past: "Release", "released".
    """

    model_config = ConfigDict(frozen=True)

    key: str
    counts_as: DecisionKind
    label: str
    done: str
    comment: bool = False


APPROVE = DecisionOption(key="approve", counts_as=DecisionKind.APPROVE, label="Approve", done="approved")
REJECT = DecisionOption(key="reject", counts_as=DecisionKind.REJECT, label="Reject", done="rejected", comment=True)
SEND_BACK = DecisionOption(
    key="send_back", counts_as=DecisionKind.SEND_BACK, label="Send back", done="sent back", comment=True
)
STANDARD_OPTIONS = (APPROVE, REJECT, SEND_BACK)
