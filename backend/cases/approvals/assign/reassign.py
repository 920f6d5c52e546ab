"""Other people for an open approval: reassign it, or add one more approver."""

from backend.cases.approvals.core.candidates import able_people
from backend.cases.approvals.core.errors import NotACandidate, Unsuitable
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.locked_approval import LockedApproval, optional_text
from backend.cases.approvals.core.seats import DECIDE, give_up_seat, new_approver, save_policy, seat
from backend.cases.core.actor import names_of
from backend.cases.core.errors import CommentNeeded
from backend.kit.approval import ApprovalPolicy
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent


async def reassign(locked: LockedApproval, to: str, reason: str = "", *, whose: str = "") -> None:
    """Let another person decide instead of this one; people who operate the process name whose decision it was.

    Where nobody can decide, an operator assigns it without replacing anybody. The same again is the same result.
    """
    reason = optional_text(reason)
    locked.require_decider_or_operator()
    replaced = await _replaced(locked, whose)
    if replaced != locked.person.person_id and not reason:
        raise CommentNeeded(N_("Enter a reason for reassigning this; it is recorded."))
    successor = await new_approver(locked, to)
    approval, policy = locked.approval, replace_approver(locked.policy, replaced, successor.id)
    if replaced:
        if approval.claimed_by == replaced:
            approval.claimed_by = approval.claimed_at = None
        await give_up_seat(locked.session, approval, replaced)
    await seat(locked.session, approval, successor.id, DECIDE)
    await save_policy(locked.session, approval, locked.case, policy)
    await check_feasibility(locked.session, approval, locked.case)
    sentence = await _sentence(locked, replaced, successor.name)
    await locked.record("reassign", sentence, quote=reason, from_person=replaced, to_person=successor.id)
    await locked.notify(NotificationEvent.HANDED_OVER, [successor.id], reason)


async def _sentence(locked: LockedApproval, replaced: str, name: str) -> str:
    step = locked.approval.label
    if replaced in {"", locked.person.person_id}:
        return N_("reassigned this to {name} ({step}).").format(name=name, step=step)
    previous = (await names_of(locked.session, {replaced}))[replaced]
    sentence = N_("reassigned this from {previous_name} to {name} ({step}).")
    return sentence.format(previous_name=previous, name=name, step=step)


async def _replaced(locked: LockedApproval, whose: str) -> str:
    """The person who no longer decides; empty if nobody can decide now."""
    able = await able_people(locked.session, locked.policy.who, locked.policy.left_out)
    me = locked.person.person_id
    if whose in {"", me} and locked.refusal is None and me in able and locked.policy.reassignment:
        return me
    if not locked.operates:
        raise NotACandidate(N_("You can reassign only your own approvals, where the policy allows it."))
    if (whose and whose not in able) or (not whose and able):
        raise Unsuitable(N_("Choose whose decision to reassign."))
    return whose


def replace_approver(policy: ApprovalPolicy, replaced: str, successor: str) -> ApprovalPolicy:
    """The policy with the successor instead of the replaced person."""
    who = tuple(f"person:{successor}" if each == f"person:{replaced}" else each for each in policy.who)
    if f"person:{successor}" not in who:
        who = (*who, f"person:{successor}")
    handed_over = {*policy.handed_over, replaced} - {successor, ""}
    return policy.model_copy(update={"who": who, "handed_over": tuple(sorted(handed_over))})


async def add_approver(locked: LockedApproval, person_id: str, reason: str = "") -> None:
    """One more person has to approve: the quorum grows by one."""
    reason = optional_text(reason)
    locked.require_decider_or_operator()
    added = await new_approver(locked, person_id)
    await seat(locked.session, locked.approval, added.id, DECIDE)
    policy = locked.policy
    handed_over = tuple(each for each in policy.handed_over if each != added.id)
    more = {"who": (*policy.who, f"person:{added.id}"), "needed": policy.needed + 1, "handed_over": handed_over}
    await save_policy(locked.session, locked.approval, locked.case, policy.model_copy(update=more))
    await check_feasibility(locked.session, locked.approval, locked.case)
    sentence = N_("added {name} as an approver; {needed} approvals are needed now.")
    sentence = sentence.format(name=added.name, needed=policy.needed + 1)
    await locked.record("add_approver", sentence, quote=reason, added=added.id, needed=policy.needed + 1)
    await locked.notify(NotificationEvent.REQUESTED, [added.id], reason)
