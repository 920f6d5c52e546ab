"""The arithmetic of deciding: votes and a policy give one verdict, or none yet."""

from collections.abc import Sequence

from backend.kit.decision import ApprovalState, DecisionKind
from backend.kit.policy import Veto


def reach_verdict(
    votes: Sequence[DecisionKind], *, needed: int, left: int, veto: Veto = Veto.NO_ENDS
) -> ApprovalState | None:
    """What these votes come to, in whatever order they were given; None while the question stays open.

    `needed` is the number of yeses it takes, `left` how many people could still answer. A way back always ends it. A
    no ends it too, or, where it only counts, as soon as the yeses can no longer be reached.
    """
    yeses, noes = votes.count(DecisionKind.APPROVE), votes.count(DecisionKind.REJECT)
    if DecisionKind.SEND_BACK in votes:
        return ApprovalState.SENT_BACK
    if noes and (veto is Veto.NO_ENDS or yeses + left < needed):
        return ApprovalState.REJECTED
    return ApprovalState.APPROVED if yeses >= needed else None
