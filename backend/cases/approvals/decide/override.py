"""Override: an administrator decides instead of those who were asked, with a reason, and it stays marked for ever."""

from dataclasses import replace
from uuid import UUID

from backend.cases.approvals.core.candidates import able_people, votes_of
from backend.cases.approvals.core.eligibility import refusal
from backend.cases.approvals.core.locked_approval import locked_approval, required_text
from backend.cases.approvals.decide.decide import refuse_if_stale
from backend.cases.approvals.decide.votes import OVERRIDE, Ballot, Channel, record_decision
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor
from backend.cases.core.errors import AnsweredBefore, NotOffered
from backend.database.engine import Database
from backend.database.tables import Approval
from backend.kit.approval import DecisionKind
from backend.kit.notification import NotificationEvent


async def override(  # noqa: PLR0913 - an answer, its reason, and who gives it
    database: Database,
    processes: Processes,
    approval_id: UUID,
    choice: DecisionKind,
    version: int,
    reason: str,
    *,
    by: Actor,
    channel: Channel,
) -> Approval:
    """Give the verdict instead of those who were asked. Four eyes hold for administrators too."""
    words = required_text(reason, "Write why you decide instead of those who were asked; it is kept for ever.")
    async with locked_approval(database, processes, approval_id, by) as here:
        barred = refusal(here.person, here.approval, replace(here.seen, overriding=True, acting_for=None))
        if barred is not None:
            raise barred
        if here.person.person_id in here.seen.answered:
            raise AnsweredBefore(own=True, at=here.seen.now)
        await refuse_if_stale(here.session, here.process, here.case, version)
        option = here.policy.option(choice)
        if option is None:
            raise NotOffered
        here.approval.overridden = here.case.overridden = True
        await here.session.flush()
        able = await able_people(here.session, here.policy.who, here.policy.left_out)
        ballot = Ballot(person=here.person, option=option, comment=words, channel=channel, kind=OVERRIDE)
        votes = await votes_of(here.session, here.approval.id)
        await record_decision(here.session, here.approval, here.case, ballot, votes)
        await here.notify(NotificationEvent.OVERRIDDEN, {*able, here.case.opened_by}, words)
        return here.approval
