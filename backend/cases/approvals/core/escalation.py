"""Escalate: more people may decide, because nobody did in time or because too few are left."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, add_candidates
from backend.cases.approvals.core.seats import save_policy
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.cases.notifications.notify import notified_of, notify
from backend.database.tables import Approval, Case
from backend.kit.i18n import N_
from backend.kit.names import join_names
from backend.kit.notification import NotificationEvent

OVERDUE = N_("This approval is overdue. You can decide it now as well.")
TOO_FEW = N_("Too few approvers are left. You can decide this now as well.")


async def ask_more(session: AsyncSession, approval: Approval, case: Case, number: int, note: str) -> None:
    """Let the people of this escalation decide as well, with approval and case locked. `note` says why."""
    policy = approval.fixed_policy
    to = policy.chain[number - 1] if policy.chain else policy.escalate_to
    await add_candidates(session, {approval.id: to})
    who = tuple(dict.fromkeys((*policy.who, *to)))
    await save_policy(session, approval, case, policy.model_copy(update={"who": who}))
    asked = await able_people(session, to, policy.left_out)
    names = join_names(list(asked.values()), word="and")
    escalated = N_("Escalated: {names} can decide now as well.").format(names=names)
    sentence = escalated if asked else N_("The escalation was due, but it has nobody to ask.")
    key = f"escalated:{approval.id}:{number}"
    await add_to_journal(session, case, JournalLine(key=key, kind="escalated", sentence=sentence))
    earlier = set(await notified_of(session, approval)) - set(asked)
    await notify(session, case, NotificationEvent.ESCALATED, asked, approval=approval, key=key, note=note)
    await notify(session, case, NotificationEvent.ESCALATED, earlier, approval=approval, key=key, note=sentence)


async def escalate_if_impossible(session: AsyncSession, approval: Approval, case: Case) -> None:
    """Escalate at once, one after the other, until enough people can decide or nobody is left to ask."""
    escalations = len(approval.fixed_policy.chain) or bool(approval.fixed_policy.escalate_to)
    while approval.impossible and approval.escalations_done < escalations:
        approval.escalations_done += 1
        await ask_more(session, approval, case, approval.escalations_done, TOO_FEW)
