"""What a person can do with an approval beside deciding it: what the page offers is what the use cases allow."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from backend.cases.access import may_operate
from backend.cases.actor import Actor
from backend.cases.approvals.policy import Standing, why_not
from backend.cases.approvals.undoing import undo_until
from backend.cases.errors import CaseError
from backend.database.tables import Approval, Delegation, Vote
from backend.kit.approval import ApprovalPolicy, ApprovalState
from backend.kit.process import Process


class Act(StrEnum):
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


def possible_acts(
    actor: Actor,
    process: Process,
    approval: Approval,
    seen: Standing,
    barred: CaseError | None,
    advice: Sequence[Delegation],
    votes: Sequence[Vote],
) -> tuple[Act, ...]:
    """The acts that this person may do now, in the order in which they are offered."""
    me = actor.person_id
    until = undo_until(approval, votes, me)
    undoes = until is not None and seen.now < min(until, approval.expires_at)
    if approval.state != ApprovalState.OPEN:
        return (Act.UNDO,) if undoes else ()
    decides = barred is None
    waits = any(row.state == "open" and row.from_person == me for row in advice)
    asked = any(row.state == "open" and row.to_person == me for row in advice)
    policy = ApprovalPolicy.model_validate(approval.policy)
    operates = may_operate(actor, process) and me not in seen.involved
    possible = {
        Act.ADVISE: asked,
        Act.ASK: decides,
        Act.DELEGATE: decides and policy.delegation and not waits,
        Act.TAKE_BACK: waits,
        Act.REASSIGN: operates or (decides and policy.delegation),
        Act.ADD_APPROVER: operates or decides,
        Act.CORRECT: decides and bool(policy.correctable),
        Act.OVERRIDE: why_not(actor, approval, replace(seen, overriding=True, acting_for=None)) is None
        and me not in seen.answered,
        Act.UNDO: undoes,
    }
    return tuple(act for act, may in possible.items() if may)
