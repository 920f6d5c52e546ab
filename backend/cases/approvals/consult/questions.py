"""Ask back: an approver wants to know something, the requester answers, and the approval goes on waiting."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.locked_approval import LockedApproval, locked_approval, required_text
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.errors import AlreadyAnswered, NotAllowed, NotFound, TooManyQuestions
from backend.database.engine import Database
from backend.database.pages import COUNT_UP_TO
from backend.database.tables import Approval, Case, Question
from backend.kit.approval import ApprovalState
from backend.kit.notification import NotificationEvent

MAX_QUESTIONS = 50


async def ask_question(
    database: Database, processes: Processes, approval_id: UUID, text: str, *, by: Actor
) -> Question:
    """Put a question to the requester. Only who may decide asks; an approval holds 50 questions."""
    words = required_text(text, "Write the question.")
    async with locked_approval(database, processes, approval_id, by) as here:
        here.require_decider()
        await _refuse_flood(here)
        row = Question(
            tenant_id=here.case.tenant_id,
            case_id=here.case.id,
            approval_id=here.approval.id,
            asked_by=here.person.person_id,
            text=words,
        )
        here.session.add(row)
        requester = (await names_of(here.session, {here.case.opened_by}))[here.case.opened_by]
        await here.tell("question", f"asked {requester} a question.", quote=words, question=str(row.id))
        await here.notify(NotificationEvent.QUESTION, [here.case.opened_by], words)
        return row


async def _refuse_flood(here: LockedApproval) -> None:
    mine = Question.approval_id == here.approval.id
    if (await here.session.scalar(select(func.count()).where(mine)) or 0) >= MAX_QUESTIONS:
        raise TooManyQuestions


async def answer_question(
    database: Database, processes: Processes, approval_id: UUID, question_id: UUID, text: str, *, by: Actor
) -> Question:
    """The requester's answer. AlreadyAnswered the second time; the same words again are the same result."""
    words = required_text(text, "Write the answer.")
    async with locked_approval(database, processes, approval_id, by) as here:
        row = await here.session.get(Question, question_id, with_for_update=True)
        if row is None or row.approval_id != here.approval.id:
            raise NotFound("There is no such question.")
        if here.case.opened_by != here.person.person_id:
            raise NotAllowed("Only who asked for this answers questions about it.")
        if row.answered_at is not None:
            if row.answer == words:
                return row
            raise AlreadyAnswered
        here.require_open()
        row.answer, row.answered_by = words, here.person.person_id
        row.answered_at = here.seen.now
        asker = (await names_of(here.session, {row.asked_by}))[row.asked_by]
        await here.tell("answered", f"answered {asker}.", quote=words, question=str(row.id))
        await here.notify(NotificationEvent.ANSWERED, [row.asked_by], words)
        return row


async def questions_of(session: AsyncSession, case_id: UUID) -> list[Question]:
    """All questions about a case, oldest first."""
    statement = select(Question).where(Question.case_id == case_id).order_by(Question.asked_at)
    return list(await session.scalars(statement))


async def questions_for(session: AsyncSession, actor: Actor) -> list[tuple[Question, Case]]:
    """The questions that wait for this requester, oldest first; up to 1,000."""
    statement = (
        select(Question, Case)
        .join(Approval, Approval.id == Question.approval_id)
        .join(Case, Case.id == Question.case_id)
        .where(Case.opened_by == actor.person_id, Case.closed_at.is_(None))
        .where(Question.answered_at.is_(None), Approval.state == ApprovalState.OPEN)
        .order_by(Question.asked_at)
        .limit(COUNT_UP_TO)
    )
    return [(question, case) for question, case in await session.execute(statement)]
