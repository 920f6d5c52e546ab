"""Other people for an open approval: hand a seat over, or add one more approver."""

from uuid import UUID

from backend.cases.approvals.core.candidates import able_people
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.locked_approval import LockedApproval, locked_approval, shorten
from backend.cases.approvals.core.seats import DECIDE, leave, newcomer, say_who, seat
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.core.errors import CommentNeeded, NotACandidate, Unsuitable
from backend.database.engine import Database
from backend.database.tables import Approval
from backend.kit.approval import ApprovalPolicy
from backend.kit.notification import NotificationEvent


async def reassign(
    database: Database, processes: Processes, approval_id: UUID, to: str, reason: str, *, by: Actor, whose: str = ""
) -> Approval:
    """Give a seat to another person. One's own; who operates the process also gives away another's.

    Where nobody can decide, who operates it assigns it without anybody's seat. Asked twice, it is the same result.
    """
    words = shorten(reason)
    async with locked_approval(database, processes, approval_id, by) as here:
        here.require_say()
        giver = await _giver(here, whose)
        if giver != here.person.person_id and not words:
            raise CommentNeeded("Write why somebody else decides; it is kept.")
        taker = await newcomer(here, to)
        policy = here.policy
        if giver:
            if here.approval.claimed_by == giver:
                here.approval.claimed_by = here.approval.claimed_at = None
            await leave(here.session, here.approval, giver)
        await seat(here.session, here.approval, taker.id, DECIDE)
        await say_who(here.session, here.approval, here.case, in_place(policy, giver, taker.id))
        await check_feasibility(here.session, here.approval, here.case)
        names = await able_people(here.session, (f"person:{giver}",), set()) if giver else {}
        whom = "" if giver in {"", here.person.person_id} else f" of {names.get(giver, giver)}"
        sentence = f"gave the decision{whom} to {taker.name}: {here.approval.label.lower()}."
        await here.tell("reassign", sentence, quote=words, from_person=giver, to_person=taker.id)
        await here.notify(NotificationEvent.HANDED_OVER, [taker.id], words)
        return here.approval


async def _giver(here: LockedApproval, whose: str) -> str:
    """Whose seat is given away; empty if nobody has one."""
    able = await able_people(here.session, here.policy.who, here.policy.left_out)
    me = here.person.person_id
    if whose in {"", me} and here.barred is None and me in able and here.policy.reassignment:
        return me
    if not here.operates:
        raise NotACandidate("You can hand over only what you are asked yourself, where the policy allows it.")
    if whose and whose not in able:
        raise Unsuitable("Choose whose decision it is.")
    if not whose and able:
        raise Unsuitable("Choose whose decision it is.")
    return whose


def in_place(policy: ApprovalPolicy, giver: str, taker: str) -> ApprovalPolicy:
    """The policy with the taker where the giver was."""
    who = tuple(f"person:{taker}" if each == f"person:{giver}" else each for each in policy.who)
    if f"person:{taker}" not in who:
        who = (*who, f"person:{taker}")
    handed_over = {*policy.handed_over, giver} - {taker, ""}
    return policy.model_copy(update={"who": who, "handed_over": tuple(sorted(handed_over))})


async def add_approver(
    database: Database, processes: Processes, approval_id: UUID, who: str, reason: str, *, by: Actor
) -> Approval:
    """One more person has to agree: the quorum grows by one."""
    words = shorten(reason)
    async with locked_approval(database, processes, approval_id, by) as here:
        here.require_say()
        added = await newcomer(here, who)
        await seat(here.session, here.approval, added.id, DECIDE)
        policy = here.policy
        handed_over = tuple(each for each in policy.handed_over if each != added.id)
        asked = (*policy.who, f"person:{added.id}")
        more = {"who": asked, "needed": policy.needed + 1, "handed_over": handed_over}
        await say_who(here.session, here.approval, here.case, policy.model_copy(update=more))
        await check_feasibility(here.session, here.approval, here.case)
        sentence = f"added {added.name}: {policy.needed + 1} have to agree now."
        await here.tell("add_approver", sentence, quote=words, added=added.id, needed=policy.needed + 1)
        await here.notify(NotificationEvent.REQUESTED, [added.id], words)
        return here.approval
