"""Everything that one screen needs to decide: the approval, its case, votes, policy, and what changed."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.consult.advice import advice_on
from backend.cases.approvals.consult.questions import questions_of
from backend.cases.approvals.core.candidates import able_people, votes_of
from backend.cases.approvals.core.eligibility import eligibility, refusal
from backend.cases.approvals.core.levels import Level, level_of
from backend.cases.approvals.decide.decide import DecisionResult
from backend.cases.approvals.decide.retract import retract_until
from backend.cases.approvals.detail.available_actions import ApprovalAction, available_actions
from backend.cases.core.access import Processes, approval_of
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.comments import comments_of
from backend.cases.core.differences import differences
from backend.cases.core.errors import CaseError, Difference
from backend.cases.core.files import files_of
from backend.database.tables import AdviceRequest, Approval, Case, CaseVersion, Comment, File, Question, Vote
from backend.kit.approval import DEADLINE, ApprovalPolicy, ApprovalState, DecisionKind


@dataclass(frozen=True)
class ApprovalView:
    """An approval as its page shows it; `why_not` says why this person cannot answer, None if they can."""

    approval: Approval
    case: Case
    policy: ApprovalPolicy
    votes: list[Vote]
    names: dict[str, str]
    able: dict[str, str]
    why_not: CaseError | None
    overdue: bool = False
    closed_by: str = ""
    changes: list[Difference] = field(default_factory=list)
    sent_back: Vote | None = None
    files: list[File] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    advice: list[AdviceRequest] = field(default_factory=list)
    acts: tuple[ApprovalAction, ...] = ()
    undo_until: datetime | None = None
    acting_for: str = ""
    level: Level | None = None
    extra: type[BaseModel] | None = None

    @property
    def closer(self) -> str:
        """Who or what closed it, in words."""
        by_time = self.approval.decided_by == DEADLINE or self.approval.state == ApprovalState.EXPIRED
        return self.closed_by or ("The deadline" if by_time else "The end of the case")

    def done(self, vote: Vote) -> str:
        """What somebody did, in the words of the button they pressed: «approved», «released»."""
        option = self.policy.option(DecisionKind(vote.decision), vote.option) or self.policy.option(
            DecisionKind(vote.decision)
        )
        return option.done if option else vote.decision

    def said(self, vote: Vote) -> list[tuple[str, str]]:
        """The extra fields of an answer: how each is called, and what was given."""
        given = vote.extra or {}
        names = {name: info.title or name for name, info in self.extra.model_fields.items()} if self.extra else {}
        return [(names.get(name, name), str(value)) for name, value in given.items() if value not in (None, "", [])]


async def approval_view(
    session: AsyncSession, actor: Actor, approval_id: UUID, processes: Processes, *, papers: bool = True
) -> ApprovalView:
    """Read it all, without `papers` neither comments, files nor changes; NotFound if it is not theirs to see."""
    approval = await approval_of(session, actor, approval_id, processes)
    case = await session.get_one(Case, approval.case_id)
    votes = await votes_of(session, approval.id)
    return await _view(session, actor, DecisionResult(approval, case, votes), processes, papers=papers)


async def view_after(session: AsyncSession, actor: Actor, answer: DecisionResult, processes: Processes) -> ApprovalView:
    """The same without papers in the transaction of an answer, which has read most of it."""
    return await _view(session, actor, answer, processes, papers=False)


async def _view(
    session: AsyncSession, actor: Actor, known: DecisionResult, processes: Processes, *, papers: bool
) -> ApprovalView:
    approval, case, votes = known.approval, known.case, known.votes
    policy, process = approval.fixed_policy, processes[case.process]
    comments = await comments_of(session, case.id) if papers else []
    questions, advice = await questions_of(session, case.id), await advice_on(session, approval.id)
    back = await last_send_back(session, case) if papers else None
    people = {
        case.opened_by,
        approval.decided_by or "",
        approval.claimed_by or "",
        *(remark.person_id for remark in comments),
    }
    people |= {vote.person_id for vote in (*votes, *([back] if back else []))}
    people |= {vote.acting_for for vote in votes if vote.acting_for}
    people |= {asked.asked_by for asked in questions} | {p for row in advice for p in (row.from_person, row.to_person)}
    people |= process.people_in(process.input.model_validate(case.input))
    names = await names_of(session, people)
    closed_by = names.get(approval.decided_by or "", "")
    if known.seen is not None and not is_open(approval):
        seen = replace(known.seen, closed_by=closed_by)
    else:
        seen = await eligibility(session, actor, approval, closed_by)
    barred = refusal(actor, approval, seen)
    absent = await names_of(session, {seen.acting_for or ""})
    return ApprovalView(
        approval=approval,
        case=case,
        policy=policy,
        votes=votes,
        names=names,
        able=await able_people(session, policy.who, policy.left_out),
        why_not=barred,
        overdue=is_open(approval) and seen.now > approval.due_at,
        closed_by=closed_by,
        changes=await _changes(session, case, processes) if papers else [],
        sent_back=back,
        files=await files_of(session, case.id) if papers else [],
        comments=comments,
        questions=questions,
        advice=advice,
        undo_until=retract_until(approval, votes, actor.person_id),
        acting_for=absent.get(seen.acting_for or "", ""),
        level=level_of(process, case, approval, names[case.opened_by]),
        extra=process.decision_fields.get(approval.step),
        acts=available_actions(actor, process, approval, seen, barred, advice, votes),
    )


async def _changes(session: AsyncSession, case: Case, processes: Processes) -> list[Difference]:
    if case.version == 1:
        return []
    before = await session.get_one(CaseVersion, (case.id, case.version - 1))
    return differences(processes[case.process].input, before.input, case.input)


async def last_send_back(session: AsyncSession, case: Case) -> Vote | None:
    """Who sent the case back last, and why."""
    statement = (
        select(Vote)
        .join(Approval, Approval.id == Vote.approval_id)
        .where(Approval.case_id == case.id, Vote.decision == "send_back")
        .order_by(Vote.at.desc())
        .limit(1)
    )
    found: Vote | None = await session.scalar(statement)
    return found


def is_open(approval: Approval) -> bool:
    """Whether it still waits."""
    return approval.state == ApprovalState.OPEN
