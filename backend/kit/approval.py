"""Everything that processes need of approvals: steps, decisions and verdicts."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from backend.kit.decision import (
    APPROVE,
    REJECT,
    SEND_BACK,
    STANDARD_OPTIONS,
    ApprovalState,
    DecisionKind,
    DecisionOption,
)
from backend.kit.policy import ALL, ApprovalPolicy, AtDeadline, Escalation, Policy, Step, Timetable, Veto

Extra = TypeVar("Extra", bound=BaseModel)

DEADLINE = "the deadline"


class Approved(BaseModel):
    """The version of the form that a verdict is about, and its digest. Effects carry it and are checked against it."""

    version: int
    digest: str


class Verdict(BaseModel):
    """The verdict of one approval, as its row has it.

    `option` and `extra` are those of the decision that brought the verdict; `deadline` says what the deadline did if
    it closed the approval; `approved` is None in verdicts of releases that did not record it.
    """

    approval_id: UUID
    step: str
    round: int
    verdict: ApprovalState
    by: tuple[str, ...] = ()
    names: str = ""
    comment: str = ""
    version: int
    at: datetime
    option: str = ""
    extra: dict[str, Any] = {}
    deadline: AtDeadline | None = None
    approved: Approved | None = None

    @property
    def proceeds(self) -> bool:
        """Whether the case proceeds: approved by people or by the deadline, or the policy needs no decision."""
        return self.verdict in {ApprovalState.APPROVED, ApprovalState.NOT_NEEDED}

    def extra_as(self, model: type[Extra]) -> Extra:
        """The extra fields of the decision, as the process declared them."""
        return model.model_validate(self.extra)


__all__ = [
    "ALL",
    "APPROVE",
    "DEADLINE",
    "REJECT",
    "SEND_BACK",
    "STANDARD_OPTIONS",
    "ApprovalPolicy",
    "ApprovalState",
    "Approved",
    "AtDeadline",
    "DecisionKind",
    "DecisionOption",
    "Escalation",
    "Policy",
    "Step",
    "Timetable",
    "Verdict",
    "Veto",
]
