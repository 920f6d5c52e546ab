"""Who can decide an approval, and the rule by which they do, in words."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people
from backend.database.tables import Approval
from backend.kit.i18n import N_
from backend.kit.names import join_names
from backend.kit.progress import NO_APPROVER, Turn


def describe_rule(able: dict[str, str], needed: int) -> str:
    """How many of these people have to approve."""
    names = list(able.values())
    if not names:
        return N_("Nobody can decide this.")
    if needed > len(names):
        sentence = N_("{needed} people must approve, but only {names} can decide.")
        return sentence.format(needed=needed, names=join_names(names, word="and"))
    if len(names) == 1:
        return N_("{name} must approve.").format(name=names[0])
    if needed >= len(names):
        return N_("{names} must approve.").format(names=join_names(names, word="and"))
    if needed == 1:
        return N_("{names} must approve.").format(names=join_names(names))
    return N_("{needed} of {names} must approve.").format(needed=needed, names=join_names(names))


async def turn_of(session: AsyncSession, approval: Approval) -> Turn:
    """Who can decide this approval, until when, and what happens then."""
    policy = approval.fixed_policy
    able = await able_people(session, policy.who, policy.left_out)
    return Turn(
        who=join_names(list(able.values()), word="and" if policy.needed > 1 else "or") or NO_APPROVER,
        since=approval.asked_at,
        until=approval.due_at,
        rule=policy.rule,
        if_nobody=policy.if_nobody,
        approval_id=str(approval.id),
    )
