"""The looks of states for templates, which know states as rows keep them: as words."""

from backend.cases.mailer.deliveries import DeliveryState
from backend.kit.approval import ApprovalState
from backend.kit.execution import EventResult, ExecutionStatus
from backend.kit.look import Look


class Looks:
    """What templates call as `looks`."""

    def approval(self, state: str) -> Look:
        """An approval in this state."""
        return ApprovalState(state).look

    def execution(self, status: str) -> Look:
        """A case or an execution with this status, as its row or as Temporal names it."""
        return ExecutionStatus.named(status).look

    def result(self, word: str) -> Look:
        """A group of history events with this result."""
        return EventResult.look_of(word)

    def delivery(self, state: str) -> Look:
        """An email in this state."""
        return DeliveryState(state).look
