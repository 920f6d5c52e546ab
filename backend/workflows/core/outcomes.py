"""How a case ends early: refused, withdrawn, or stopped by its process."""

from backend.kit.approval import ApprovalState, Verdict
from backend.kit.case import CaseEnd
from backend.kit.i18n import N_

WITHDRAWN = CaseEnd(outcome="recalled", sentence=N_("The request was withdrawn."))
NOT_CHANGED = CaseEnd(outcome="expired", sentence=N_("The request was not changed in time."))
NOT_DECIDED = CaseEnd(outcome="expired", sentence=N_("Nobody decided in time, so the request expired."))


class CaseStopped(Exception):
    """The case ends here, with this outcome. What a saga did is undone on the way out."""

    def __init__(self, end: CaseEnd) -> None:
        super().__init__(end.outcome)
        self.end = end


class CaseWithdrawn(Exception):
    """The requester withdrew the case. What a saga did is undone on the way out."""


class UndeclaredOutcome(Exception):
    """A defect of the process. The case keeps what it did and continues once the code is corrected."""

    def __init__(self, outcome: str, process: str) -> None:
        super().__init__(f"{process} ended with “{outcome}”, which is not among its `outcomes`.")


def refused(verdict: Verdict) -> CaseEnd:
    """The end of a case whose approval was not granted."""
    if verdict.verdict is ApprovalState.EXPIRED:
        return NOT_DECIDED
    return CaseEnd(outcome="rejected", sentence=N_("{names} rejected the request.").format(names=verdict.names))
