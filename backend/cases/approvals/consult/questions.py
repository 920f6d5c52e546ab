"""Questions: an approver asks the requester, who answers, while the approval stays open."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.errors import AlreadyAnswered, TooManyQuestions
from backend.cases.approvals.core.locked_approval import LockedApproval, required_text
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.errors import NotAllowed, NotFound
from backend.database.pages import COUNT_UP_TO
from backend.database.tables import Approval, Case, Question
from backend.kit.approval import ApprovalState
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent

MAX_QUESTIONS = 50
_ANSWERABLE = (ApprovalState.OPEN, ApprovalState.SENT_BACK)


async def ask_question(locked: LockedApproval, text: str) -> Question:
    """Ask the requester a question. Only people who may decide can; an approval holds 50 questions."""
    text = required_text(text, N_("Enter a question."))
    locked.require_decider()
    await _refuse_too_many(locked)
    case, session = locked.case, locked.session
    question = Question(
        tenant_id=case.tenant_id,
        case_id=case.id,
        approval_id=locked.approval.id,
        asked_by=locked.person.person_id,
        text=text,
    )
    session.add(question)
    requester = (await names_of(session, {case.opened_by}))[case.opened_by]
    sentence = N_("asked {name} a question.").format(name=requester)
    await locked.record("question", sentence, quote=text, question=str(question.id))
    await locked.notify(NotificationEvent.QUESTION, [case.opened_by], text)
    return question


async def _refuse_too_many(locked: LockedApproval) -> None:
    mine = Question.approval_id == locked.approval.id
    if (await locked.session.scalar(select(func.count()).where(mine)) or 0) >= MAX_QUESTIONS:
        raise TooManyQuestions


async def answer_question(locked: LockedApproval, question_id: UUID, text: str) -> Question:
    """The requester's answer. AlreadyAnswered the second time; the same text again is the same result."""
    text = required_text(text, N_("Enter an answer."))
    question = await locked.session.get(Question, question_id, with_for_update=True)
    if question is None or question.approval_id != locked.approval.id:
        raise NotFound(N_("There is no such question."))
    if locked.case.opened_by != locked.person.person_id:
        raise NotAllowed(N_("Only the requester can answer questions about this request."))
    if question.answered_at is not None:
        if question.answer == text:
            return question
        raise AlreadyAnswered
    _require_answerable(locked)
    question.answer, question.answered_by = text, locked.person.person_id
    question.answered_at = locked.eligibility.now
    asker = (await names_of(locked.session, {question.asked_by}))[question.asked_by]
    sentence = N_("answered the question from {name}.").format(name=asker)
    await locked.record("answered", sentence, quote=text, question=str(question.id))
    await locked.notify(NotificationEvent.ANSWERED, [question.asked_by], text)
    return question


def _require_answerable(locked: LockedApproval) -> None:
    """While the case is open, whatever became of the approval: after a request for changes the answer still helps."""
    if locked.case.closed_at is not None:
        locked.require_open()


async def questions_of(session: AsyncSession, case_id: UUID) -> list[Question]:
    """All questions about a case, oldest first."""
    statement = select(Question).where(Question.case_id == case_id).order_by(Question.asked_at)
    return list(await session.scalars(statement))


async def questions_for(session: AsyncSession, actor: Actor) -> list[tuple[Question, Case]]:
    """The open questions to this requester, oldest first; up to 1,000."""
    statement = (
        select(Question, Case)
        .join(Approval, Approval.id == Question.approval_id)
        .join(Case, Case.id == Question.case_id)
        .where(Case.opened_by == actor.person_id, Case.closed_at.is_(None))
        .where(Question.answered_at.is_(None), Approval.state.in_(_ANSWERABLE))
        .order_by(Question.asked_at)
        .limit(COUNT_UP_TO)
    )
    return [(question, case) for question, case in await session.execute(statement)]
