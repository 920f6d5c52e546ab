"""What one person may decide, and the states of an approval."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from backend.kit.i18n import N_
from backend.kit.look import Look, VisibleState


class DecisionKind(StrEnum):
    """What one person decides."""

    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"


class ApprovalState(VisibleState):
    """The state of an approval; all but `open` are verdicts."""

    OPEN = "open", Look(N_("Open"), "inbox", "go")
    APPROVED = "approved", Look(N_("Approved"), "check", "ok")
    REJECTED = "rejected", Look(N_("Rejected"), "x", "bad")
    SENT_BACK = "sent_back", Look(N_("Changes requested"), "arrow-back-up", "warn")
    EXPIRED = "expired", Look(N_("Expired"), "clock", "warn")
    WITHDRAWN = "withdrawn", Look(N_("Withdrawn"), "arrow-back-up")
    NOT_NEEDED = "not_needed", Look(N_("No longer needed"), "dots")


class DecisionOption(BaseModel):
    """One decision that is offered: its button, the kind it counts as, and whether it needs a comment.

    `label` is the verb on the button, `done` the same in the past and before what was decided: "Release", "released".
    """

    model_config = ConfigDict(frozen=True)

    key: str
    counts_as: DecisionKind
    label: str
    done: str
    comment: bool = False


APPROVE = DecisionOption(key="approve", counts_as=DecisionKind.APPROVE, label=N_("Approve"), done=N_("approved"))
REJECT = DecisionOption(
    key="reject", counts_as=DecisionKind.REJECT, label=N_("Reject"), done=N_("rejected"), comment=True
)
SEND_BACK = DecisionOption(
    key="send_back",
    counts_as=DecisionKind.SEND_BACK,
    label=N_("Request changes"),
    done=N_("requested changes"),
    comment=True,
)
STANDARD_OPTIONS = (APPROVE, REJECT, SEND_BACK)
