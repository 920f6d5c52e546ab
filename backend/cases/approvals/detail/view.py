"""Everything that one screen needs to decide: the approval, its case, decisions, policy, and what changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.consult.advice import advice_on
from backend.cases.approvals.consult.questions import questions_of
from backend.cases.approvals.core.candidates import able_people, decisions_of
from backend.cases.approvals.core.eligibility import Eligibility, eligibility, refusal
from backend.cases.approvals.core.levels import Level, effects_of, level_of, steps_now
from backend.cases.approvals.core.locked_approval import LockedApproval
from backend.cases.approvals.core.whose_turn import Outstanding, outstanding
from backend.cases.approvals.decide.decide import DecisionResult
from backend.cases.approvals.decide.retract import retract_until
from backend.cases.approvals.detail.available_actions import ApprovalAction, available_actions
from backend.cases.core.access import Processes, approval_of
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.budget_check import BudgetLeft, budgets_left
from backend.cases.core.comments import comments_of
from backend.cases.core.compared import compared, file_names
from backend.cases.core.differences import Difference
from backend.cases.core.duplicates import Duplicate, duplicates
from backend.cases.core.earlier_requests import EarlierRequests, earlier_requests
from backend.cases.core.errors import CaseError
from backend.cases.core.files import files_of
from backend.database.tables import (
    AdviceRequest,
    Approval,
    Case,
    CaseVersion,
    Comment,
    File,
    Question,
    RecordedDecision,
)
from backend.kit.approval import ApprovalPolicy, ApprovalState, DecisionKind
from backend.kit.process import Process


@dataclass(frozen=True)
class ApprovalView:
    """An approval as its page shows it; `refusal` says why this person cannot decide, None if they can."""

    approval: Approval
    case: Case
    process: Process
    policy: ApprovalPolicy
    decisions: list[RecordedDecision]
    names: dict[str, str]
    able: dict[str, str]
    refusal: CaseError | None
    overdue: bool = False
    closed_by: str = ""
    changes: list[Difference] = field(default_factory=list)
    sent_back: RecordedDecision | None = None
    files: list[File] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    advice: list[AdviceRequest] = field(default_factory=list)
    actions: tuple[ApprovalAction, ...] = ()
    undo_until: datetime | None = None
    acting_for: str = ""
    level: Level | None = None
    outstanding: Outstanding | None = None
    effects: tuple[str, ...] = ()
    budgets: list[BudgetLeft] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    earlier: EarlierRequests | None = None

    @property
    def extra(self) -> type[BaseModel] | None:
        """The fields that come with an approval at this step."""
        return self.process.decision_fields.get(self.approval.step)

    def done(self, decision: RecordedDecision) -> str:
        """What somebody did, in the words of the button they pressed: "approved", "released"."""
        kind = DecisionKind(decision.decision)
        option = self.policy.option(kind, decision.option) or self.policy.option(kind)
        return option.done if option else decision.decision

    def extra_of(self, decision: RecordedDecision) -> list[tuple[str, str]]:
        """The extra fields of a decision: label and value of each."""
        given, model = decision.extra or {}, self.extra
        labels = {name: info.title or name for name, info in model.model_fields.items()} if model else {}
        return [(labels.get(name, name), str(value)) for name, value in given.items() if value not in (None, "", [])]


@dataclass(frozen=True)
class _Known:
    """What has been read of an approval before its view is made."""

    approval: Approval
    case: Case
    process: Process
    decisions: list[RecordedDecision]
    eligibility: Eligibility | None = None


async def approval_view(
    session: AsyncSession, actor: Actor, approval_id: UUID, processes: Processes, *, papers: bool = True
) -> ApprovalView:
    """Read all of it, without `papers` no comments, files, changes or earlier ones; NotFound if they may not see it."""
    approval = await approval_of(session, actor, approval_id, processes)
    case = await session.get_one(Case, approval.case_id)
    known = _Known(approval, case, processes[case.process], await decisions_of(session, approval.id))
    return await _view(session, actor, known, papers=papers)


async def view_of(locked: LockedApproval, *, papers: bool = False) -> ApprovalView:
    """The same for a locked approval, after what was done with it in this transaction."""
    await locked.session.flush()
    decisions = await decisions_of(locked.session, locked.approval.id)
    known = _Known(locked.approval, locked.case, locked.process, decisions)
    return await _view(locked.session, locked.person, known, papers=papers)


async def view_after(result: DecisionResult) -> ApprovalView:
    """The same after a decision, which has read most of it."""
    locked = result.locked
    closed = None if is_open(locked.approval) or result.repeated else locked.eligibility
    known = _Known(locked.approval, locked.case, locked.process, result.decisions, closed)
    return await _view(locked.session, locked.person, known, papers=False)


async def _view(session: AsyncSession, actor: Actor, known: _Known, *, papers: bool) -> ApprovalView:
    approval, case, process, decisions = known.approval, known.case, known.process, known.decisions
    comments = await comments_of(session, case.id) if papers else []
    questions, advice = await questions_of(session, case.id), await advice_on(session, approval.id)
    back = await last_send_back(session, case) if papers else None
    people = _people(known, [*decisions, *([back] if back else [])], questions, advice, comments)
    names = await names_of(session, people)
    closed_by = names.get(approval.decided_by or "", "")
    if known.eligibility is not None:
        found = replace(known.eligibility, closed_by=closed_by)
    else:
        found = await eligibility(session, actor, approval, closed_by)
    policy, absent = approval.fixed_policy, await names_of(session, {found.acting_for or ""})
    able = await able_people(session, policy.who, policy.left_out)
    steps, left = steps_now(process, case, names[case.opened_by]), outstanding(policy, able, decisions)
    return ApprovalView(
        approval=approval,
        case=case,
        process=process,
        policy=policy,
        decisions=decisions,
        names=names,
        able=able,
        refusal=refusal(actor, approval, found),
        overdue=is_open(approval) and found.now > approval.due_at,
        closed_by=closed_by,
        changes=await _changes(session, case, process) if papers else [],
        duplicates=await duplicates(session, actor, process, case.input, case.id) if papers else [],
        earlier=await earlier_requests(session, actor, process, case) if papers else None,
        sent_back=back,
        files=await files_of(session, case.id) if papers else [],
        comments=comments,
        questions=questions,
        advice=advice,
        undo_until=retract_until(approval, decisions, actor.person_id),
        acting_for=absent.get(found.acting_for or "", ""),
        level=level_of(steps, approval),
        outstanding=left,
        effects=effects_of(steps, approval, left),
        budgets=await _budgets(session, known) if papers and is_open(approval) else [],
        actions=available_actions(actor, process, approval, found, advice, decisions),
    )


def _people(
    known: _Known,
    decisions: Sequence[RecordedDecision],
    questions: Sequence[Question],
    advice: Sequence[AdviceRequest],
    comments: Sequence[Comment],
) -> set[str]:
    """Everyone whose name the page shows."""
    case, approval, process = known.case, known.approval, known.process
    found = {case.opened_by, approval.decided_by or "", approval.claimed_by or ""}
    found |= {each.person_id for each in (*comments, *decisions)}
    found |= {each.acting_for for each in decisions if each.acting_for}
    found |= {each.asked_by for each in questions}
    found |= {person for each in advice for person in (each.from_person, each.to_person)}
    return found | process.people_in(process.input.model_validate(case.input))


async def _budgets(session: AsyncSession, known: _Known) -> list[BudgetLeft]:
    form = known.process.input.model_validate(known.case.input)
    return await budgets_left(session, form, known.process.amount_of(form))


async def _changes(session: AsyncSession, case: Case, process: Process) -> list[Difference]:
    if case.version == 1:
        return []
    before = await session.get_one(CaseVersion, (case.id, case.version - 1))
    files = await file_names(session, process.input, before.input, case.input)
    return compared(process.input, before.input, case.input, files)


async def last_send_back(session: AsyncSession, case: Case) -> RecordedDecision | None:
    """The last request for changes to this case: by whom, and why."""
    statement = (
        select(RecordedDecision)
        .join(Approval, Approval.id == RecordedDecision.approval_id)
        .where(Approval.case_id == case.id, RecordedDecision.decision == DecisionKind.SEND_BACK)
        .order_by(RecordedDecision.at.desc())
        .limit(1)
    )
    found: RecordedDecision | None = await session.scalar(statement)
    return found


def is_open(approval: Approval) -> bool:
    """Whether it can still be decided."""
    return approval.state == ApprovalState.OPEN
