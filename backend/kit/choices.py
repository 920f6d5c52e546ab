"""What one person may answer, and what becomes of an approval."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Choice(StrEnum):
    """What one person answers."""

    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"


class ApprovalState(StrEnum):
    """Where an approval stands; all but `open` are verdicts."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    NOT_NEEDED = "not_needed"


class Option(BaseModel):
    """One answer that is offered: its button, the choice it counts as, and whether it needs a comment.

    `label` is the verb on the button, `done` the same in the past: «Release», «released».
    """

    model_config = ConfigDict(frozen=True)

    key: str
    counts_as: Choice
    label: str
    done: str
    comment: bool = False


APPROVE = Option(key="approve", counts_as=Choice.APPROVE, label="Approve", done="approved")
REJECT = Option(key="reject", counts_as=Choice.REJECT, label="Reject", done="rejected", comment=True)
SEND_BACK = Option(key="send_back", counts_as=Choice.SEND_BACK, label="Send back", done="sent back", comment=True)
STANDARD = (APPROVE, REJECT, SEND_BACK)
