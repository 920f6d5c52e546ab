"""Ask people: open an approval once, with its policy fixed and its moments worked out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.calendars import calendar_for
from backend.cases.approvals.core.candidates import able_people, add_candidates, involved_in, resolve, votes_of
from backend.cases.approvals.core.close import close, end_undo_window, verdict_of
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.whose_turn import describe_rule, turn_of
from backend.cases.approvals.decide.kept_decisions import keep_votes
from backend.cases.core.records import RECORDS, WRITE_RECORDS, CaseRecords, JournalLine
from backend.cases.notifications.notify import Notice, notify_all
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalPolicy, ApprovalState, Step, Timetable, Verdict
from backend.kit.notification import NotificationEvent
from backend.kit.policy import PolicyTerms
from backend.kit.progress import Progress, Turn
from backend.kit.timetable import escalations_of, timetable


class ApprovalRequest(BaseModel):
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


class OpenedApproval(BaseModel):
    """The open approval, who is asked and its moments; or the verdict, if there is one already."""

    approval_id: UUID
    turn: Turn
    timetable: Timetable | None = None
    decision: Verdict | None = None


async def open_approval(database: Database, question: ApprovalRequest) -> OpenedApproval:
    """Open the approval of this step and round, once. Of a case that is recalled or over, it opens withdrawn."""
    async with database.transaction(question.tenant) as session:
        (asked,) = await open_approvals(session, [question])
        return asked


async def open_approvals(session: AsyncSession, questions: Sequence[ApprovalRequest]) -> list[OpenedApproval]:
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
    await notify_all(session, [await _request(session, cases[each.case_id], opened[each.case_id]) for each in waiting])
    return [asked[question.case_id] for question in questions]


async def _locked(session: AsyncSession, questions: Sequence[ApprovalRequest]) -> dict[UUID, Case]:
    """The cases, in the order in which everybody locks several."""
    ids = [question.case_id for question in questions]
    found = await session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id).with_for_update())
    return {case.id: case for case in found}


async def _find(session: AsyncSession, questions: Sequence[ApprovalRequest]) -> dict[UUID, Approval]:
    """Those that stand already, by case."""
    wanted = {question.case_id: question for question in questions}
    rows = await session.scalars(select(Approval).where(Approval.case_id.in_(list(wanted))))
    return {row.case_id: row for row in rows if wanted[row.case_id].asks(row)}


async def _draw_up(session: AsyncSession, case: Case, question: ApprovalRequest) -> Approval:
    step = question.step
    moments = timetable(step, question.asked_at, await calendar_for(session, case.tenant_id, step))
    policy = await fix_policy(session, step, await involved_in(session, case), moments)
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
        await check_feasibility(session, approval, case, await keep_votes(session, approval, case))


async def _asked(session: AsyncSession, approval: Approval) -> OpenedApproval:
    fixed = approval.fixed_policy
    asked = OpenedApproval(approval_id=approval.id, turn=await turn_of(session, approval), timetable=fixed.timetable)
    if approval.state == ApprovalState.OPEN:
        return asked
    await end_undo_window(session, approval)
    votes = await votes_of(session, approval.id)
    return asked.model_copy(update={"decision": await verdict_of(session, approval, votes)})


async def fix_policy(session: AsyncSession, step: Step, involved: set[str], moments: Timetable) -> ApprovalPolicy:
    """The policy of this step as it stands today: people for principals, a number for «all», moments for lengths."""
    who = await resolve(session, step.who)
    others = await able_people(session, await resolve(session, step.excluding), set())
    excluded = involved | set(others)
    able = await able_people(session, who, excluded)
    chain = [await resolve(session, each.to) for each in escalations_of(step)]
    return ApprovalPolicy(
        **step.model_dump(include=set(PolicyTerms.model_fields)),
        who=who,
        escalate_to=await resolve(session, step.escalate_to),
        chain=tuple(chain),
        needed=step.quorum(len(able)),
        excluded=tuple(sorted(excluded)),
        rule=describe_rule(able, step.quorum(len(able))),
        timetable=moments,
    )


# One statement: whose turn it is in these cases, and a line in their stories.
_SHOW = text(f"""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(:given) AS g(case_id uuid, progress jsonb)
    ), shown AS (
        UPDATE cases c SET status = 'running', progress = g.progress, progress_at = clock_timestamp()
        FROM given g WHERE c.id = g.case_id
    ), {RECORDS}, {WRITE_RECORDS}
    SELECT 1
""").bindparams(bindparam("given", type_=JSONB), bindparam("records", type_=JSONB))  # noqa: S608 - our own text


async def _show(session: AsyncSession, asked: Sequence[tuple[ApprovalRequest, OpenedApproval]]) -> None:
    rows, records = [], []
    for question, answer in asked:
        progress = question.progress
        progress.wait_for(question.step.key, answer.turn, question.subject)
        rows.append({"case_id": str(question.case_id), "progress": progress.model_dump(mode="json")})
        sentence = f"{answer.turn.who} can answer now: {question.step.label.lower()}."
        line = JournalLine(key=f"ask:{answer.approval_id}", kind="asked", sentence=sentence)
        records.append(CaseRecords(tenant=question.tenant, case_id=question.case_id, lines=[line]).row())
    if rows:
        await session.execute(_SHOW, {"given": rows, "records": records})


async def _request(session: AsyncSession, case: Case, approval: Approval) -> Notice:
    policy = approval.fixed_policy
    able = await able_people(session, policy.who, policy.left_out)
    return Notice(case, NotificationEvent.REQUESTED, able, approval=approval, key=f"requested:{approval.id}")
