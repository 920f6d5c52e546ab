"""How a case ends when people do not agree, in words that fit every process."""

from backend.kit.approval import ApprovalState, Verdict
from backend.kit.case import CaseEnd

RECALLED = CaseEnd(outcome="recalled", sentence="The request was recalled.")
NOT_CHANGED = CaseEnd(outcome="expired", sentence="Nobody changed the request in time.")


def refused(decision: Verdict) -> CaseEnd:
    """The end that belongs to a verdict other than yes."""
    ends = {
        ApprovalState.REJECTED: CaseEnd(outcome="rejected", sentence=f"{decision.names} rejected it."),
        ApprovalState.EXPIRED: CaseEnd(outcome="expired", sentence="Nobody answered in time, so it expired."),
    }
    return ends.get(decision.verdict, RECALLED)
