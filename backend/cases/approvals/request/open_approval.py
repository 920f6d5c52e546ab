"""Open an approval once, with its policy fixed and its deadlines calculated."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.calendars import calendar_for
from backend.cases.approvals.core.candidates import (
    able_people,
    add_candidates,
    decisions_of,
    involved_in,
    resolve,
    who_approved_any,
)
from backend.cases.approvals.core.close import close, end_undo_window, verdict_of
from backend.cases.approvals.core.escalation import escalate_if_impossible
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.whose_turn import describe_rule, turn_of
from backend.cases.approvals.decide.kept_decisions import keep_decisions
from backend.cases.approvals.request.shortages import shortages
from backend.cases.core.records import RECORDS, WRITE_RECORDS, CaseRecords, JournalLine
from backend.cases.notifications.notify import Notice, notify_all, notify_attention
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalPolicy, ApprovalState, Step, Timetable, Verdict
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent
from backend.kit.policy import PolicyTerms
from backend.kit.progress import Progress, Turn
from backend.kit.timetable import escalations_of, timetable


class ApprovalRequest(BaseModel):
    """What a workflow requests: a step with its policy, the round, when it was asked, and the progress to show.

    With an `approval_id` the workflow already waits for this approval, and only its row is missing. `later` are the
    steps that follow it as the form is now.
    """

    tenant: str
    case_id: UUID
    step: Step
    round: int
    asked_at: datetime
    subject: str
    progress: Progress
    approval_id: UUID | None = None
    later: tuple[Step, ...] = ()

    def matches(self, approval: Approval) -> bool:
        """Whether this is the approval of this step and round."""
        return (approval.step, approval.round) == (self.step.key, self.round)


class OpenedApproval(BaseModel):
    """The approval, who can decide it and its timetable; or its verdict, if there is one already."""

    approval_id: UUID
    turn: Turn
    timetable: Timetable | None = None
    decision: Verdict | None = None


async def open_approval(database: Database, request: ApprovalRequest) -> OpenedApproval:
    """Open the approval of this step and round, once. For a case that was withdrawn or is over, it opens withdrawn."""
    async with database.transaction(request.tenant) as session:
        (opened,) = await open_approvals(session, [request])
        return opened


async def open_approvals(session: AsyncSession, requests: Sequence[ApprovalRequest]) -> list[OpenedApproval]:
    """The same for one request of each of these cases, all of one tenant."""
    cases = await _locked_cases(session, requests)
    approvals, others = await _existing(session, requests)
    new = [request for request in requests if request.case_id not in approvals]
    drafts = {each.case_id: await _draft(session, cases[each.case_id], each, others) for each in new}
    await _open(session, cases, list(drafts.values()))
    approvals |= drafts
    opened = {case_id: await _opened(session, approval) for case_id, approval in approvals.items()}
    waiting = [each for each in new if opened[each.case_id].decision is None]
    await _show(session, [(each, opened[each.case_id]) for each in waiting])
    for each in waiting:
        await _foresee(session, cases[each.case_id], each)
    await notify_all(session, [await _notice(session, cases[each.case_id], drafts[each.case_id]) for each in waiting])
    return [opened[request.case_id] for request in requests]


async def _locked_cases(session: AsyncSession, requests: Sequence[ApprovalRequest]) -> dict[UUID, Case]:
    """The cases, in the order used everywhere to lock several."""
    ids = [request.case_id for request in requests]
    found = await session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id).with_for_update())
    return {case.id: case for case in found}


async def _existing(
    session: AsyncSession, requests: Sequence[ApprovalRequest]
) -> tuple[dict[UUID, Approval], list[Approval]]:
    """Those that exist already, by case, and the approvals of other steps in the same round."""
    wanted = {request.case_id: request for request in requests}
    rows = list(await session.scalars(select(Approval).where(Approval.case_id.in_(list(wanted)))))
    existing = {row.case_id: row for row in rows if wanted[row.case_id].matches(row)}
    others = [
        row for row in rows if row.round == wanted[row.case_id].round and row.step != wanted[row.case_id].step.key
    ]
    return existing, others


async def _draft(session: AsyncSession, case: Case, request: ApprovalRequest, others: Sequence[Approval]) -> Approval:
    step = request.step
    moments = timetable(step, request.asked_at, await calendar_for(session, case.tenant_id, step))
    steps_before = [each.id for each in others if each.case_id == case.id]
    before = await who_approved_any(session, steps_before) if step.distinct else set()
    policy = await fix_policy(session, step, await involved_in(session, case), moments, before)
    return Approval(
        id=request.approval_id or new_id(),
        tenant_id=case.tenant_id,
        case_id=case.id,
        step=step.key,
        round=request.round,
        label=step.label,
        question=step.question,
        policy=policy.model_dump(mode="json"),
        version=case.version,
        asked_at=request.asked_at,
        due_at=moments.due_at,
        expires_at=moments.expires_at,
    )


async def _open(session: AsyncSession, cases: Mapping[UUID, Case], approvals: Sequence[Approval]) -> None:
    session.add_all(approvals)
    await session.flush()
    who = {each.id: each.fixed_policy for each in approvals}
    gone = {key: [f"person:{person}" for person in policy.decided_before] for key, policy in who.items()}
    await add_candidates(session, {key: policy.who for key, policy in who.items()}, gone)
    for approval in approvals:
        case = cases[approval.case_id]
        if case.recall_requested_at is not None or case.closed_at is not None:
            await close(session, approval, ApprovalState.WITHDRAWN, by=case.recall_requested_by)
        if (case.attention or "").startswith(f"{approval.label}: "):
            case.attention = None  # it was foreseen, and is looked at now
        await check_feasibility(session, approval, case, await keep_decisions(session, approval, case))
        await escalate_if_impossible(session, approval, case)


async def _opened(session: AsyncSession, approval: Approval) -> OpenedApproval:
    turn, moments = await turn_of(session, approval), approval.fixed_policy.timetable
    opened = OpenedApproval(approval_id=approval.id, turn=turn, timetable=moments)
    if approval.state == ApprovalState.OPEN:
        return opened
    await end_undo_window(session, approval)
    decisions = await decisions_of(session, approval.id)
    return opened.model_copy(update={"decision": await verdict_of(session, approval, decisions)})


async def fix_policy(
    session: AsyncSession, step: Step, involved: set[str], moments: Timetable, before: Collection[str] = ()
) -> ApprovalPolicy:
    """The policy of this step today: people for principals, a number for "all", moments for durations.

    `before` are those who approved other steps and so do not decide this one.
    """
    who = await resolve(session, step.who)
    others = await able_people(session, await resolve(session, step.excluding), set())
    excluded = involved | set(others)
    able = await able_people(session, who, {*excluded, *before})
    chain = [await resolve(session, each.to) for each in escalations_of(step)]
    return ApprovalPolicy(
        **step.model_dump(include=set(PolicyTerms.model_fields)),
        who=who,
        escalate_to=await resolve(session, step.escalate_to),
        chain=tuple(chain),
        needed=step.quorum(len(able)),
        excluded=tuple(sorted(excluded)),
        decided_before=tuple(sorted(before)),
        rule=describe_rule(able, step.quorum(len(able)), step.veto),
        timetable=moments,
    )


async def _foresee(session: AsyncSession, case: Case, request: ApprovalRequest) -> None:
    """Report at once that a later step could never be approved."""
    if request.later:
        found = await shortages(session, [request.step, *request.later], await involved_in(session, case))
        words = next((found[each.key] for each in request.later if each.key in found), None)
        if words is not None:
            case.attention = case.attention or words
            await notify_attention(session, case, words, {case.opened_by})


# One statement: who can decide now in each of these cases, and a line in its journal.
_SHOW = text(f"""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(:given) AS g(case_id uuid, progress jsonb)
    ), shown AS (
        UPDATE cases c SET status = 'running', progress = g.progress, progress_at = clock_timestamp()
        FROM given g WHERE c.id = g.case_id
    ), {RECORDS}, {WRITE_RECORDS}
    SELECT 1
""").bindparams(bindparam("given", type_=JSONB), bindparam("records", type_=JSONB))  # noqa: S608 - our own text


async def _show(session: AsyncSession, opened: Sequence[tuple[ApprovalRequest, OpenedApproval]]) -> None:
    rows, records = [], []
    for request, approval in opened:
        progress = request.progress
        progress.wait_for(request.step.key, approval.turn, request.subject)
        rows.append({"case_id": str(request.case_id), "progress": progress.model_dump(mode="json")})
        sentence = N_("Approval requested from {names} ({step}).")
        sentence = sentence.format(names=approval.turn.who, step=request.step.label)
        line = JournalLine(key=f"ask:{approval.approval_id}", kind="asked", sentence=sentence)
        records.append(CaseRecords(tenant=request.tenant, case_id=request.case_id, lines=[line]).row())
    if rows:
        await session.execute(_SHOW, {"given": rows, "records": records})


async def _notice(session: AsyncSession, case: Case, approval: Approval) -> Notice:
    policy = approval.fixed_policy
    able = await able_people(session, policy.who, policy.left_out)
    return Notice(case, NotificationEvent.REQUESTED, able, approval=approval, key=f"requested:{approval.id}")
