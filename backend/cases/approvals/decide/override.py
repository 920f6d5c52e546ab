"""Override: an administrator decides instead of the approvers, with a reason that is recorded permanently."""

from dataclasses import replace

from backend.cases.approvals.core.candidates import able_people, decisions_of
from backend.cases.approvals.core.eligibility import refusal
from backend.cases.approvals.core.errors import AnsweredBefore
from backend.cases.approvals.core.locked_approval import LockedApproval, required_text
from backend.cases.approvals.decide.decision import Decision
from backend.cases.approvals.decide.record import record_decision
from backend.cases.approvals.decide.validate import validated
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent


async def override(locked: LockedApproval, decision: Decision) -> None:
    """Give the verdict instead of the approvers. Four eyes apply to administrators too."""
    locked.attempt(f"override:{decision.kind}", decision.channel, decision.version)
    reason = required_text(decision.comment, N_("Enter a reason for the override; it is recorded permanently."))
    found = locked.eligibility
    refused = refusal(locked.person, locked.approval, replace(found, overriding=True, acting_for=None))
    if refused is not None:
        raise refused
    if locked.person.person_id in found.decided:
        raise AnsweredBefore(own=True, at=found.now)
    decision = await validated(locked, replace(decision, comment=reason, overrides=True))
    locked.approval.overridden = locked.case.overridden = True
    await locked.session.flush()
    able = await able_people(locked.session, locked.policy.who, locked.policy.left_out)
    await record_decision(locked, decision, await decisions_of(locked.session, locked.approval.id))
    await locked.notify(NotificationEvent.OVERRIDDEN, {*able, locked.case.opened_by}, reason)
