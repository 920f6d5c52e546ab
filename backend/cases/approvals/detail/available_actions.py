"""The actions on an approval other than deciding: the page offers what the use cases allow."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from backend.cases.approvals.core.eligibility import Eligibility, refusal
from backend.cases.approvals.decide.retract import retract_until
from backend.cases.core.access import may_operate
from backend.cases.core.actor import Actor
from backend.database.tables import AdviceRequest, Approval, RecordedDecision
from backend.kit.approval import ApprovalState
from backend.kit.process import Process


class ApprovalAction(StrEnum):
    """An action on an approval, as pages and REST name it."""

    ASK = "ask"
    DELEGATE = "delegate"
    TAKE_BACK = "take-back"
    ADVISE = "advise"
    REASSIGN = "reassign"
    ADD_APPROVER = "add-approver"
    CORRECT = "correct"
    OVERRIDE = "override"
    UNDO = "undo"


def available_actions(
    actor: Actor,
    process: Process,
    approval: Approval,
    found: Eligibility,
    advice: Sequence[AdviceRequest],
    decisions: Sequence[RecordedDecision],
) -> tuple[ApprovalAction, ...]:
    """The actions that this person can take now, in the order in which they are offered."""
    me = actor.person_id
    until = retract_until(approval, decisions, me)
    retracts = until is not None and found.now < min(until, approval.expires_at)
    if approval.state != ApprovalState.OPEN:
        return (ApprovalAction.UNDO,) if retracts else ()
    policy, decides = approval.fixed_policy, refusal(actor, approval, found) is None
    operates = may_operate(actor, process) and me not in found.involved
    requested = any(row.state == "open" and row.from_person == me for row in advice)
    available = {
        ApprovalAction.ADVISE: any(row.state == "open" and row.to_person == me for row in advice),
        ApprovalAction.ASK: decides,
        ApprovalAction.DELEGATE: decides and policy.consultation and not requested,
        ApprovalAction.TAKE_BACK: requested,
        ApprovalAction.REASSIGN: operates or (decides and policy.reassignment),
        ApprovalAction.ADD_APPROVER: operates or decides,
        ApprovalAction.CORRECT: decides and bool(policy.correctable),
        ApprovalAction.OVERRIDE: _overrides(actor, approval, found),
        ApprovalAction.UNDO: retracts,
    }
    return tuple(action for action, allowed in available.items() if allowed)


def _overrides(actor: Actor, approval: Approval, found: Eligibility) -> bool:
    overriding = replace(found, overriding=True, acting_for=None)
    return refusal(actor, approval, overriding) is None and actor.person_id not in found.decided
