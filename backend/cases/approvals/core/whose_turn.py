"""Whose turn it is at an approval, and the rule by which they decide, in words."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people
from backend.database.tables import Approval
from backend.kit.names import join_names
from backend.kit.progress import Turn


def describe_rule(able: dict[str, str], needed: int) -> str:
    """How many of these people must answer."""
    names = list(able.values())
    if not names:
        return "Nobody who may answer is left."
    if len(names) == 1:
        return f"{names[0]} must answer."
    if needed >= len(names):
        return f"{join_names(names, word='and')} must agree."
    return f"{join_names(names)} must answer." if needed == 1 else f"{needed} of {join_names(names)} must answer."


async def turn_of(session: AsyncSession, approval: Approval) -> Turn:
    """Whose turn it is at this approval, until when, and what happens then."""
    policy = approval.fixed_policy
    able = await able_people(session, policy.who, policy.left_out)
    return Turn(
        who=join_names(list(able.values()), word="and" if policy.needed > 1 else "or") or "Nobody",
        since=approval.asked_at,
        until=approval.due_at,
        rule=policy.rule,
        if_nobody=policy.if_nobody,
        approval_id=str(approval.id),
    )
