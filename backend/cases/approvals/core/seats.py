"""The people of an open approval: who may join, who left, and the policy and progress that follow from it."""

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, decisions_of
from backend.cases.approvals.core.errors import FourEyes, Unsuitable
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.locked_approval import LockedApproval
from backend.cases.approvals.core.whose_turn import describe_rule, turn_of
from backend.cases.core.errors import NotFound
from backend.cases.outbox import outbox
from backend.database.tables import AdviceRequest, Approval, Candidate, Case, Person, RecordedDecision
from backend.kit.approval import ApprovalPolicy
from backend.kit.i18n import N_
from backend.kit.progress import Progress

DECIDE, ADVISE, GONE = "decide", "advise", "gone"


async def _colleague(locked: LockedApproval, person_id: str) -> Person:
    """An active person of this tenant. NotFound, or FourEyes for people who requested or edited the case."""
    found = await locked.session.get(Person, person_id)
    if found is None or not found.active or found.tenant_id != locked.case.tenant_id:
        raise NotFound(N_("There is no such person, or they are no longer active."))
    if found.id in locked.eligibility.involved or found.id in locked.policy.excluded:
        raise FourEyes(N_("{name} requested or changed this, so somebody else has to decide.").format(name=found.name))
    return found


async def new_approver(locked: LockedApproval, person_id: str) -> Person:
    """As `new_adviser`, and FourEyes for somebody who approved another step where the policy wants other people."""
    found = await new_adviser(locked, person_id)
    if locked.policy.distinct and found.id in locked.eligibility.elsewhere:
        raise FourEyes(N_("{name} approved another step, so somebody else has to decide.").format(name=found.name))
    return found


async def new_adviser(locked: LockedApproval, person_id: str) -> Person:
    """A colleague who cannot decide this yet and has not decided it. Unsuitable otherwise."""
    found = await _colleague(locked, person_id)
    if found.id in await able_people(locked.session, locked.policy.who, locked.policy.left_out):
        raise Unsuitable(N_("{name} can already decide this.").format(name=found.name))
    if await locked.session.get(RecordedDecision, (locked.approval.id, found.id)) is not None:
        raise Unsuitable(N_("{name} has already decided this.").format(name=found.name))
    return found


async def seat(session: AsyncSession, approval: Approval, person_id: str, role: str) -> None:
    """Give this person this role in the approval, whatever it was before."""
    row = {
        "tenant_id": approval.tenant_id,
        "approval_id": approval.id,
        "principal": f"person:{person_id}",
        "due_at": approval.due_at,
        "open": role != GONE,
        "role": role,
    }
    known = [Candidate.approval_id.key, Candidate.principal.key]
    again = {"role": role, "open": role != GONE}
    await session.execute(insert(Candidate).values(row).on_conflict_do_update(index_elements=known, set_=again))


async def give_up_seat(session: AsyncSession, approval: Approval, person_id: str) -> None:
    """This person no longer decides, and the advice they requested is withdrawn."""
    await seat(session, approval, person_id, GONE)
    mine = (
        AdviceRequest.approval_id == approval.id,
        AdviceRequest.from_person == person_id,
        AdviceRequest.state == "open",
    )
    for asked in await session.scalars(select(AdviceRequest).where(*mine)):
        await end_advice(session, approval, asked, "taken_back")


async def end_advice(session: AsyncSession, approval: Approval, asked: AdviceRequest, state: str) -> None:
    """Close one request for advice; the adviser keeps the approval only if somebody else requested advice too."""
    asked.state = state
    await session.flush()
    others = (AdviceRequest.approval_id == approval.id, AdviceRequest.to_person == asked.to_person)
    if await session.scalar(select(func.count()).where(*others, AdviceRequest.state == "open")):
        return
    mine = (Candidate.approval_id == approval.id, Candidate.principal == f"person:{asked.to_person}")
    role = GONE if asked.to_person in approval.fixed_policy.decided_before else ADVISE
    await session.execute(update(Candidate).where(*mine, Candidate.role == ADVISE).values(open=False, role=role))


async def save_policy(session: AsyncSession, approval: Approval, case: Case, policy: ApprovalPolicy) -> None:
    """Save the policy with its rule in words, and tell the case page and the workflow who can decide now."""
    able = await able_people(session, policy.who, policy.left_out)
    policy = policy.model_copy(update={"rule": describe_rule(able, policy.needed, policy.veto)})
    approval.policy = policy.model_dump(mode="json")
    await session.flush()
    turn = await turn_of(session, approval, await decisions_of(session, approval.id))
    progress = Progress.model_validate(case.progress)
    if progress.reassigned(turn):
        case.progress = progress.model_dump(mode="json")
    await outbox.enqueue(session, case, outbox.Message.TURN, turn)
    await check_feasibility(session, approval, case)
