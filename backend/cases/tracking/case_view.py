"""Everything that the page of a case shows."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.consult.questions import questions_of
from backend.cases.approvals.core.eligibility import decidable_approval
from backend.cases.approvals.detail.view import last_send_back
from backend.cases.core.access import Processes, case_of
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.comments import comments_of
from backend.cases.core.files import files_of
from backend.cases.core.journal import journal_of
from backend.cases.lifecycle.amend import change_until, sent_back
from backend.cases.lifecycle.case_actions import Offer, offers_to
from backend.cases.lifecycle.withdraw import may_withdraw
from backend.cases.mailer.deliveries import DeliveryLine, deliveries_of
from backend.cases.tracking.approval_now import progress_now
from backend.cases.tracking.trouble import NO_TROUBLE, Trouble, troubles_of
from backend.database.tables import Approval, Case, Comment, File, JournalEntry, Question, RecordedDecision
from backend.kit.approval import ApprovalState
from backend.kit.process import Process
from backend.kit.progress import Progress


@dataclass(frozen=True)
class CaseView:
    """A case with its story, comments and files, and what the person may do with it.

    `asks_me` is the approval that waits for this person, `answerable` the questions that can still be answered. Where
    the case was sent back, `back` says who did and why, and `change_until` until when it can be changed.
    """

    case: Case
    process: Process
    names: dict[str, str]
    journal: list[JournalEntry]
    comments: list[Comment]
    files: list[File]
    mine: bool
    may_recall: bool
    sent_back: Approval | None = None
    back: RecordedDecision | None = None
    change_until: datetime | None = None
    form: object = field(default=None)
    deliveries: list[DeliveryLine] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    answerable: frozenset[UUID] = frozenset()
    asks_me: Approval | None = None
    progress: Progress = field(default_factory=Progress)
    trouble: Trouble = NO_TROUBLE

    @property
    def offers_withdrawal(self) -> bool:
        """Whether the page offers to withdraw it: not beside an action with the same effect."""
        return self.may_recall and not any(offer.action.replaces_withdrawal for offer in self.offers)


async def case_view(session: AsyncSession, actor: Actor, reference: str, processes: Processes) -> CaseView:
    """Read all of it; NotFound if it is not theirs to see."""
    case = await case_of(session, actor, reference, processes)
    process = processes[case.process]
    journal = await journal_of(session, case.id)
    remarks = await comments_of(session, case.id)
    people = {case.opened_by, *(line.actor for line in journal if line.actor), *(r.person_id for r in remarks)}
    questions = await questions_of(session, case.id)
    form = process.input.model_validate(case.input)
    people |= process.people_in(form)
    people |= {asked.asked_by for asked in questions}
    waits = await sent_back(session, case)
    return CaseView(
        case=case,
        process=process,
        names=await names_of(session, people),
        journal=journal,
        comments=remarks,
        files=await files_of(session, case.id),
        mine=case.opened_by == actor.person_id,
        may_recall=may_withdraw(actor, case),
        sent_back=waits,
        back=await last_send_back(session, case) if waits else None,
        change_until=change_until(case, process, waits) if waits else None,
        form=form,
        deliveries=await deliveries_of(session, case.id),
        offers=offers_to(actor, case, process, Progress.model_validate(case.progress)),
        progress=(await progress_now(session, [Progress.model_validate(case.progress)]))[0],
        questions=questions,
        answerable=await _answerable(session, case, questions),
        asks_me=await decidable_approval(session, actor, case.id),
        trouble=(await troubles_of(session, [case], processes)).get(case.id, NO_TROUBLE),
    )


async def _answerable(session: AsyncSession, case: Case, questions: list[Question]) -> frozenset[UUID]:
    """The questions without an answer whose approval is still open."""
    asked = [each for each in questions if each.answered_at is None]
    if not asked or case.closed_at is not None:
        return frozenset()
    opened = select(Approval.id).where(Approval.case_id == case.id, Approval.state == ApprovalState.OPEN)
    still = set(await session.scalars(opened))
    return frozenset(each.id for each in asked if each.approval_id in still)
