"""The arithmetic of a verdict: decisions and a policy give one verdict, or none yet."""

from collections.abc import Sequence

from backend.kit.decision import ApprovalState, DecisionKind
from backend.kit.policy import Veto


def reach_verdict(
    decisions: Sequence[DecisionKind], *, needed: int, left: int, veto: Veto = Veto.NO_ENDS
) -> ApprovalState | None:
    """What these decisions come to, in whatever order they were made; None while the approval stays open.

    `needed` is how many approvals it takes, `left` how many people can still decide. A request for changes always ends
    it. A rejection ends it too or, where it only counts, as soon as the approvals can no longer be reached. Where
    decisions are counted at the end, nothing else ends it before everybody has decided.
    """
    approvals, rejections = decisions.count(DecisionKind.APPROVE), decisions.count(DecisionKind.REJECT)
    if DecisionKind.SEND_BACK in decisions:
        return ApprovalState.SENT_BACK
    if veto is Veto.COUNT_AT_END and left:
        return None
    if rejections and (veto is Veto.NO_ENDS or approvals + left < needed):
        return ApprovalState.REJECTED
    return ApprovalState.APPROVED if approvals >= needed else None
