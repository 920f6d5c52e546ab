"""What a person can do with an approval beside deciding it: what the page offers is what the use cases allow."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from backend.cases.approvals.core.eligibility import Eligibility, refusal
from backend.cases.approvals.decide.retract import retract_until
from backend.cases.core.access import may_operate
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError
from backend.database.tables import AdviceRequest, Approval, Vote
from backend.kit.approval import ApprovalState
from backend.kit.process import Process


class ApprovalAction(StrEnum):
    """One thing to do with an open approval, as pages and REST name it."""

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
    seen: Eligibility,
    barred: CaseError | None,
    advice: Sequence[AdviceRequest],
    votes: Sequence[Vote],
) -> tuple[ApprovalAction, ...]:
    """The acts that this person may do now, in the order in which they are offered."""
    me = actor.person_id
    until = retract_until(approval, votes, me)
    undoes = until is not None and seen.now < min(until, approval.expires_at)
    if approval.state != ApprovalState.OPEN:
        return (ApprovalAction.UNDO,) if undoes else ()
    decides = barred is None
    waits = any(row.state == "open" and row.from_person == me for row in advice)
    asked = any(row.state == "open" and row.to_person == me for row in advice)
    policy = approval.fixed_policy
    operates = may_operate(actor, process) and me not in seen.involved
    possible = {
        ApprovalAction.ADVISE: asked,
        ApprovalAction.ASK: decides,
        ApprovalAction.DELEGATE: decides and policy.consultation and not waits,
        ApprovalAction.TAKE_BACK: waits,
        ApprovalAction.REASSIGN: operates or (decides and policy.reassignment),
        ApprovalAction.ADD_APPROVER: operates or decides,
        ApprovalAction.CORRECT: decides and bool(policy.correctable),
        ApprovalAction.OVERRIDE: refusal(actor, approval, replace(seen, overriding=True, acting_for=None)) is None
        and me not in seen.answered,
        ApprovalAction.UNDO: undoes,
    }
    return tuple(act for act, may in possible.items() if may)
