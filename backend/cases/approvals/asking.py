"""Ask people: open an approval once, with its policy fixed and its moments worked out."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.calendars import calendar_for
from backend.cases.approvals.candidates import able_people, add_candidates, involved_in, resolve, votes_of
from backend.cases.approvals.closing import close, decision_of, end_hold
from backend.cases.approvals.keeping_votes import keep_votes
from backend.cases.approvals.possible import check_possible
from backend.cases.journal import JournalLine, tell
from backend.cases.telling.tell import Event, tell_people
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalPolicy, ApprovalState, Decision, Step, Timetable
from backend.kit.policy import Terms
from backend.kit.progress import Progress, Turn
from backend.kit.timetable import escalations_of, timetable
from backend.kit.words import one_of


class Question(BaseModel):
    """What a workflow asks: a step of its policy, in which round, from when on, and the progress to show.

    With an `approval_id` the workflow waits for this approval already, and only its row is gone.
    """

    tenant: str
    case_id: UUID
    step: Step
    round: int
    asked_at: datetime
    subject: str
    progress: Progress
    approval_id: UUID | None = None


class Asked(BaseModel):
    """The open approval, who is asked and its moments; or the verdict, if there is one already."""

    approval_id: UUID
    turn: Turn
    timetable: Timetable | None = None
    decision: Decision | None = None


async def open_approval(database: Database, question: Question) -> Asked:
    """Open the approval of this step and round, once. After a recall it opens withdrawn."""
    async with database.transaction(question.tenant) as session:
        case = await session.get_one(Case, question.case_id, with_for_update=True)
        found = await _find(session, question)
        approval = found or await _open(session, case, question)
        turn, fixed = await turn_of(session, approval), ApprovalPolicy.model_validate(approval.policy)
        asked = Asked(approval_id=approval.id, turn=turn, timetable=fixed.timetable)
        if approval.state != ApprovalState.OPEN:
            await end_hold(session, approval)
            votes = await votes_of(session, approval.id)
            return asked.model_copy(update={"decision": await decision_of(session, approval, votes)})
        if found is None:
            await _show(session, case, question, approval, turn)
        return asked


async def _find(session: AsyncSession, question: Question) -> Approval | None:
    found: Approval | None = await session.scalar(
        select(Approval).where(
            Approval.case_id == question.case_id,
            Approval.step == question.step.key,
            Approval.round == question.round,
        )
    )
    return found


async def _open(session: AsyncSession, case: Case, question: Question) -> Approval:
    step = question.step
    moments = timetable(step, question.asked_at, await calendar_for(session, case.tenant_id, step))
    policy = await fix(session, step, await involved_in(session, case), moments)
    approval = Approval(
        id=question.approval_id or new_id(),
        tenant_id=case.tenant_id,
        case_id=case.id,
        step=step.key,
        round=question.round,
        label=step.label,
        question=step.question,
        policy=policy.model_dump(mode="json"),
        version=case.version,
        asked_at=question.asked_at,
        due_at=moments.due_at,
        expires_at=moments.expires_at,
    )
    session.add(approval)
    await session.flush()
    await add_candidates(session, approval, policy.who)
    if case.recall_requested_at is not None:
        await close(session, approval, ApprovalState.WITHDRAWN, by=case.recall_requested_by)
    await check_possible(session, approval, case, await keep_votes(session, approval, case))
    return approval


async def fix(session: AsyncSession, step: Step, involved: set[str], moments: Timetable) -> ApprovalPolicy:
    """The policy of this step as it stands today: people for principals, a number for «all», moments for lengths."""
    who = await resolve(session, step.who)
    others = await able_people(session, await resolve(session, step.excluding), set())
    excluded = involved | set(others)
    able = await able_people(session, who, excluded)
    chain = [await resolve(session, each.to) for each in escalations_of(step)]
    return ApprovalPolicy(
        **step.model_dump(include=set(Terms.model_fields)),
        who=who,
        escalate_to=await resolve(session, step.escalate_to),
        chain=tuple(chain),
        needed=step.yeses(len(able)),
        excluded=tuple(sorted(excluded)),
        rule=rule_in_words(able, step.yeses(len(able))),
        timetable=moments,
    )


def rule_in_words(able: dict[str, str], needed: int) -> str:
    """How many of these people must answer."""
    names = list(able.values())
    if not names:
        return "Nobody who may answer is left."
    if len(names) == 1:
        return f"{names[0]} must answer."
    if needed >= len(names):
        return f"All of {one_of(names, word='and')} must agree."
    return f"{needed} of {one_of(names)} must answer."


async def _show(session: AsyncSession, case: Case, question: Question, approval: Approval, turn: Turn) -> None:
    progress = question.progress
    progress.asking(approval.step, turn, question.subject)
    case.progress = progress.model_dump(mode="json")
    case.progress_at = func.clock_timestamp()  # type: ignore[assignment]
    case.status = "running"
    line = JournalLine(
        key=f"ask:{approval.id}",
        kind="asked",
        sentence=f"{turn.who} can answer now: {approval.label.lower()}.",
    )
    await tell(session, case, line)
    policy = ApprovalPolicy.model_validate(approval.policy)
    able = await able_people(session, policy.who, policy.left_out)
    await tell_people(session, case, Event.REQUESTED, able, approval=approval, key=f"requested:{approval.id}")


async def turn_of(session: AsyncSession, approval: Approval) -> Turn:
    """Whose turn it is at this approval, until when, and what happens then."""
    policy = ApprovalPolicy.model_validate(approval.policy)
    able = await able_people(session, policy.who, policy.left_out)
    return Turn(
        who=one_of(list(able.values()), word="and" if policy.needed > 1 else "or") or "Nobody",
        since=approval.asked_at,
        until=approval.due_at,
        rule=policy.rule,
        if_nobody=policy.if_nobody,
        approval_id=str(approval.id),
    )
