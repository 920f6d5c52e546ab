"""Ask people: open an approval once, with its policy fixed and its moments worked out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.calendars import calendar_for
from backend.cases.approvals.candidates import able_people, add_candidates, involved_in, resolve, votes_of
from backend.cases.approvals.closing import close, decision_of, end_hold
from backend.cases.approvals.keeping_votes import keep_votes
from backend.cases.approvals.possible import check_possible
from backend.cases.telling.tell import Event, News, tell_all
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

    def asks(self, approval: Approval) -> bool:
        """Whether this approval of its case is the one."""
        return (approval.step, approval.round) == (self.step.key, self.round)


class Asked(BaseModel):
    """The open approval, who is asked and its moments; or the verdict, if there is one already."""

    approval_id: UUID
    turn: Turn
    timetable: Timetable | None = None
    decision: Decision | None = None


async def open_approval(database: Database, question: Question) -> Asked:
    """Open the approval of this step and round, once. Of a case that is recalled or over, it opens withdrawn."""
    async with database.transaction(question.tenant) as session:
        (asked,) = await open_approvals(session, [question])
        return asked


async def open_approvals(session: AsyncSession, questions: Sequence[Question]) -> list[Asked]:
    """The same for one question of each of these cases, all of one tenant."""
    cases = await _locked(session, questions)
    approvals = await _find(session, questions)
    fresh = [question for question in questions if question.case_id not in approvals]
    opened = {each.case_id: await _draw_up(session, cases[each.case_id], each) for each in fresh}
    await _open(session, cases, list(opened.values()))
    approvals |= opened
    asked = {case_id: await _asked(session, approval) for case_id, approval in approvals.items()}
    waiting = [each for each in fresh if asked[each.case_id].decision is None]
    await _show(session, [(each, asked[each.case_id]) for each in waiting])
    await tell_all(session, [await _request(session, cases[each.case_id], opened[each.case_id]) for each in waiting])
    return [asked[question.case_id] for question in questions]


async def _locked(session: AsyncSession, questions: Sequence[Question]) -> dict[UUID, Case]:
    """The cases, in the order in which everybody locks several."""
    ids = [question.case_id for question in questions]
    found = await session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id).with_for_update())
    return {case.id: case for case in found}


async def _find(session: AsyncSession, questions: Sequence[Question]) -> dict[UUID, Approval]:
    """Those that stand already, by case."""
    wanted = {question.case_id: question for question in questions}
    rows = await session.scalars(select(Approval).where(Approval.case_id.in_(list(wanted))))
    return {row.case_id: row for row in rows if wanted[row.case_id].asks(row)}


async def _draw_up(session: AsyncSession, case: Case, question: Question) -> Approval:
    step = question.step
    moments = timetable(step, question.asked_at, await calendar_for(session, case.tenant_id, step))
    policy = await fix(session, step, await involved_in(session, case), moments)
    return Approval(
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


async def _open(session: AsyncSession, cases: Mapping[UUID, Case], approvals: Sequence[Approval]) -> None:
    session.add_all(approvals)
    await session.flush()
    await add_candidates(session, {approval.id: approval.policy["who"] for approval in approvals})
    for approval in approvals:
        case = cases[approval.case_id]
        if case.recall_requested_at is not None or case.closed_at is not None:
            await close(session, approval, ApprovalState.WITHDRAWN, by=case.recall_requested_by)
        await check_possible(session, approval, case, await keep_votes(session, approval, case))


async def _asked(session: AsyncSession, approval: Approval) -> Asked:
    fixed = ApprovalPolicy.model_validate(approval.policy)
    asked = Asked(approval_id=approval.id, turn=await turn_of(session, approval), timetable=fixed.timetable)
    if approval.state == ApprovalState.OPEN:
        return asked
    await end_hold(session, approval)
    votes = await votes_of(session, approval.id)
    return asked.model_copy(update={"decision": await decision_of(session, approval, votes)})


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
        return f"{one_of(names, word='and')} must agree."
    return f"{one_of(names)} must answer." if needed == 1 else f"{needed} of {one_of(names)} must answer."


# One statement: whose turn it is in these cases, and a line in their stories.
_SHOW = text("""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(:given) AS g(id uuid, progress jsonb, key text, sentence text)
    ), shown AS (
        UPDATE cases c SET status = 'running', progress = g.progress, progress_at = clock_timestamp()
        FROM given g WHERE c.id = g.id RETURNING c.id, c.tenant_id, g.key, g.sentence
    )
    INSERT INTO journal (tenant_id, case_id, key, kind, sentence, quote)
    SELECT tenant_id, id, key, 'asked', sentence, '' FROM shown ON CONFLICT DO NOTHING
""").bindparams(bindparam("given", type_=JSONB))


async def _show(session: AsyncSession, asked: Sequence[tuple[Question, Asked]]) -> None:
    rows = []
    for question, answer in asked:
        progress = question.progress
        progress.asking(question.step.key, answer.turn, question.subject)
        rows.append(
            {
                "id": str(question.case_id),
                "progress": progress.model_dump(mode="json"),
                "key": f"ask:{answer.approval_id}",
                "sentence": f"{answer.turn.who} can answer now: {question.step.label.lower()}.",
            }
        )
    if rows:
        await session.execute(_SHOW, {"given": rows})


async def _request(session: AsyncSession, case: Case, approval: Approval) -> News:
    policy = ApprovalPolicy.model_validate(approval.policy)
    able = await able_people(session, policy.who, policy.left_out)
    return News(case, Event.REQUESTED, able, approval=approval, key=f"requested:{approval.id}")


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
