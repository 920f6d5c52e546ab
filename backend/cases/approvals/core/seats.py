"""Seats at an open approval: who may take one, who gave theirs away, and saying so wherever it is shown."""

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.locked_approval import LockedApproval
from backend.cases.approvals.core.whose_turn import describe_rule, turn_of
from backend.cases.core.errors import FourEyes, NotFound, Unsuitable
from backend.cases.outbox import outbox
from backend.database.tables import AdviceRequest, Approval, Candidate, Case, Person, Vote
from backend.kit.approval import ApprovalPolicy
from backend.kit.progress import Progress

DECIDE, ADVISE, GONE = "decide", "advise", "gone"


async def colleague(here: LockedApproval, person_id: str) -> Person:
    """Somebody of this tenant who may have a part here. NotFound, or FourEyes for who asked or edited."""
    found = await here.session.get(Person, person_id)
    if found is None or not found.active or found.tenant_id != here.case.tenant_id:
        raise NotFound("There is no such person, or they are no longer active.")
    if found.id in here.seen.involved or found.id in here.policy.excluded:
        raise FourEyes(f"{found.name} asked for this or changed it, so somebody else has to decide.")
    return found


async def newcomer(here: LockedApproval, person_id: str) -> Person:
    """A colleague who cannot decide here yet and has not answered. Unsuitable otherwise."""
    found = await colleague(here, person_id)
    if found.id in await able_people(here.session, here.policy.who, here.policy.left_out):
        raise Unsuitable(f"{found.name} can decide this already.")
    if await here.session.get(Vote, (here.approval.id, found.id)) is not None:
        raise Unsuitable(f"{found.name} has answered already.")
    return found


async def seat(session: AsyncSession, approval: Approval, person_id: str, role: str) -> None:
    """Give this person this role at the approval, whatever they were before."""
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


async def leave(session: AsyncSession, approval: Approval, person_id: str) -> None:
    """This person has no part any more, and the advice they asked for is not needed."""
    await seat(session, approval, person_id, GONE)
    mine = (
        AdviceRequest.approval_id == approval.id,
        AdviceRequest.from_person == person_id,
        AdviceRequest.state == "open",
    )
    for asked in await session.scalars(select(AdviceRequest).where(*mine)):
        await end_advice(session, approval, asked, "taken_back")


async def end_advice(session: AsyncSession, approval: Approval, asked: AdviceRequest, state: str) -> None:
    """Close one request for advice; who was asked has nothing to do here unless somebody else asked them too."""
    asked.state = state
    await session.flush()
    others = (AdviceRequest.approval_id == approval.id, AdviceRequest.to_person == asked.to_person)
    if await session.scalar(select(func.count()).where(*others, AdviceRequest.state == "open")):
        return
    mine = (Candidate.approval_id == approval.id, Candidate.principal == f"person:{asked.to_person}")
    await session.execute(update(Candidate).where(*mine, Candidate.role == ADVISE).values(open=False))


async def say_who(session: AsyncSession, approval: Approval, case: Case, policy: ApprovalPolicy) -> None:
    """Keep the policy with its rule in words, and tell read model and workflow whose turn it is now."""
    able = await able_people(session, policy.who, policy.left_out)
    policy = policy.model_copy(update={"rule": describe_rule(able, policy.needed)})
    approval.policy = policy.model_dump(mode="json")
    await session.flush()
    turn = await turn_of(session, approval)
    progress = Progress.model_validate(case.progress)
    if progress.reassigned(turn):
        case.progress = progress.model_dump(mode="json")
    await outbox.enqueue(session, case, outbox.Message.TURN, turn)
    await check_feasibility(session, approval, case)
