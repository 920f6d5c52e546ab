"""Claim and release: who works on an approval, so that two colleagues need not read the same request.

A claim decides nothing and locks nobody out: other approvers can take it over, or decide. Where the policy says that a
claim binds, they have to take it over first.
"""

from backend.cases.approvals.core.errors import ClaimedByAnother
from backend.cases.approvals.core.locked_approval import LockedApproval
from backend.cases.core.actor import names_of
from backend.cases.core.errors import CaseError
from backend.cases.notifications.notify import notify
from backend.kit.approval import ApprovalState
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent


class NotYourClaim(CaseError):
    """Someone else claimed this. Only they can release it, but you can take it over."""

    code = "not_your_claim"


async def claim(locked: LockedApproval) -> None:
    """Claim it for this person, even if somebody else has it. Refused for people who may not decide it."""
    refusal = locked.refusal
    if refusal is not None and not isinstance(refusal, ClaimedByAnother):
        raise refusal
    approval, me = locked.approval, locked.person.person_id
    if approval.claimed_by == me:
        return
    previous = approval.claimed_by
    approval.claimed_by, approval.claimed_at = me, locked.eligibility.now
    if previous is None:
        sentence = N_("claimed this ({step}).").format(step=approval.label)
    else:
        name = (await names_of(locked.session, {previous}))[previous]
        sentence = N_("took this over from {name} ({step}).").format(name=name, step=approval.label)
    await locked.record("claimed", sentence, audit="claim")
    if previous is not None:
        await _notify_previous(locked, previous)


async def release(locked: LockedApproval) -> None:
    """Give the claim up. NotYourClaim if it is somebody else's; releasing twice changes nothing."""
    approval = locked.approval
    if approval.claimed_by not in {None, locked.person.person_id}:
        raise NotYourClaim
    if approval.claimed_by is not None and approval.state == ApprovalState.OPEN:
        approval.claimed_by, approval.claimed_at = None, None
        await locked.record("released", N_("released this ({step}).").format(step=approval.label), audit="release")


async def _notify_previous(locked: LockedApproval, previous: str) -> None:
    """Tell the previous claimer who has it now; they may still decide, or take it over again."""
    approval, event = locked.approval, NotificationEvent.TAKEN_OVER
    key, by = f"taken_over:{approval.id}:{approval.claimed_at}", approval.claimed_by
    await notify(locked.session, locked.case, event, [previous], approval=approval, key=key, by=by)
