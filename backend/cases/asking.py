"""Ask people: open an approval, remind, escalate, and close it when time or the case runs out.

Every function is safe to repeat, for activities run at least once.
"""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases import audit
from backend.cases.deciding import close, decision_of
from backend.cases.journal import JournalLine, tell
from backend.cases.telling import Event, tell_admins, tell_people, told_of
from backend.database.engine import Database
from backend.database.ids import new_id
from backend.database.tables import Approval, Candidate, Case, CaseVersion, Membership, Person
from backend.kit.approval import ApprovalPolicy, ApprovalState, Decision, Step
from backend.kit.progress import Progress, Turn
from backend.kit.words import one_of


class Question(BaseModel):
    """What a workflow asks: a step of its policy, in which round, from when on, and the progress to show."""

    tenant: str
    case_id: UUID
    step: Step
    round: int
    asked_at: datetime
    subject: str
    progress: Progress


class Asked(BaseModel):
    """The open approval and who is asked; or the verdict, if there is one already."""

    approval_id: UUID
    turn: Turn
    decision: Decision | None = None


class Nudge(BaseModel):
    """Which approval to remind, escalate or close."""

    tenant: str
    approval_id: UUID


class Closing(Nudge):
    """Which verdict to give it if it has none."""

    verdict: ApprovalState


async def open_approval(database: Database, question: Question) -> Asked:
    """Open the approval of this step and round, once. After a recall it opens withdrawn."""
    async with database.transaction(question.tenant) as session:
        case = await session.get_one(Case, question.case_id, with_for_update=True)
        found = await _find(session, question)
        approval = found or await _open(session, case, question)
        turn = await turn_of(session, approval)
        if approval.state != ApprovalState.OPEN:
            return Asked(approval_id=approval.id, turn=turn, decision=await decision_of(session, approval))
        if found is None:
            await _show(session, case, question, approval, turn)
        return Asked(approval_id=approval.id, turn=turn)


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
    who = await resolve(session, step.who)
    involved = await _involved(session, case)
    able = await able_people(session, who, involved)
    policy = ApprovalPolicy(
        who=who,
        escalate_to=await resolve(session, step.escalate_to),
        needed=step.needed or max(len(able), 1),
        excluded=tuple(sorted(involved)),
        rule=rule_of(step, able),
        if_nobody=step.if_nobody,
        effects=step.effects,
    )
    approval = Approval(
        id=new_id(),
        tenant_id=case.tenant_id,
        case_id=case.id,
        step=step.key,
        round=question.round,
        label=step.label,
        question=step.question,
        policy=policy.model_dump(mode="json"),
        version=case.version,
        asked_at=question.asked_at,
        due_at=question.asked_at + step.due,
        expires_at=question.asked_at + step.deadline,
    )
    session.add(approval)
    await session.flush()
    await _add_candidates(session, approval, who)
    if case.recall_requested_at is not None:
        await close(session, approval, ApprovalState.WITHDRAWN, by=case.recall_requested_by)
    if len(able) < policy.needed:
        case.attention = f"{step.label}: {policy.needed} must answer, but only {len(able)} can."
        await tell_admins(session, case, case.attention)
    return approval


def rule_of(step: Step, able: dict[str, str]) -> str:
    """How many of whom must answer, in words."""
    names = one_of(list(able.values()))
    if not able:
        return "Nobody who may answer is left."
    if len(able) == 1:
        return f"{names} must answer."
    needed = step.needed or len(able)
    if needed == len(able):
        return f"All of {one_of(list(able.values()), word='and')} must agree."
    return f"{needed} of {names} must answer."


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
    able = await able_people(session, policy.who, set(policy.excluded))
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


async def resolve(session: AsyncSession, principals: tuple[str, ...]) -> tuple[str, ...]:
    """Principals as people and groups: `manager_of:ann` becomes `person:mona`."""
    found = []
    for principal in principals:
        kind, _, name = principal.partition(":")
        if kind != "manager_of":
            found.append(principal)
            continue
        manager = await session.scalar(select(Person.manager_id).where(Person.id == name))
        if manager is not None:
            found.append(f"person:{manager}")
    return tuple(dict.fromkeys(found))


async def able_people(session: AsyncSession, principals: tuple[str, ...], involved: set[str]) -> dict[str, str]:
    """Who could answer today, by id and name: active, asked in some way, and neither requester nor editor."""
    people = [name for kind, _, name in (p.partition(":") for p in principals) if kind == "person"]
    groups = [name for kind, _, name in (p.partition(":") for p in principals) if kind == "group"]
    members = select(Membership.person_id).where(Membership.group_id.in_(groups))
    asked = Person.id.in_(people) | Person.id.in_(members)
    statement = select(Person.id, Person.name).where(asked, Person.active).order_by(Person.name)
    return {key: name for key, name in await session.execute(statement) if key not in involved}


async def _involved(session: AsyncSession, case: Case) -> set[str]:
    editors = select(CaseVersion.edited_by).where(CaseVersion.case_id == case.id)
    return {case.opened_by, *(await session.scalars(editors))}


async def _add_candidates(session: AsyncSession, approval: Approval, principals: tuple[str, ...]) -> None:
    for principal in principals:
        row = {
            "tenant_id": approval.tenant_id,
            "approval_id": approval.id,
            "principal": principal,
            "due_at": approval.due_at,
        }
        await session.execute(insert(Candidate).values(row).on_conflict_do_nothing())


async def close_approval(database: Database, closing: Closing) -> Decision:
    """Close it with this verdict unless it has one; the decision that really stands is returned."""
    async with database.transaction(closing.tenant) as session:
        approval = await session.get_one(Approval, closing.approval_id, with_for_update=True)
        if await close(session, approval, closing.verdict, by=None):
            case = await session.get_one(Case, approval.case_id)
            if closing.verdict is ApprovalState.EXPIRED:
                sentence = f"Nobody answered in time: {approval.label.lower()}."
                line = JournalLine(key=f"close:{approval.id}", kind="expired", sentence=sentence)
                await tell(session, case, line)
                key = f"decided:{approval.id}"
                await tell_people(session, case, Event.DECIDED, [case.opened_by], approval=approval, key=key)
            facts = {"approval": str(approval.id), "step": approval.step, "verdict": closing.verdict}
            await audit.record(session, case.tenant_id, "approval.close", "timer", case.reference, **facts)
        return await decision_of(session, approval)


async def remind(database: Database, nudge: Nudge) -> bool:
    """Note that a reminder went out, at most once; False if it is closed or was reminded before."""
    return await _note(database, nudge, Approval.reminded_at.key, "reminded", "A reminder went to {who}.")


async def escalate(database: Database, nudge: Nudge) -> bool:
    """Ask the people of the escalation too, at most once."""
    return await _note(database, nudge, Approval.escalated_at.key, "escalated", "{who} can answer now too.")


async def _note(database: Database, nudge: Nudge, column: str, kind: str, sentence: str) -> bool:
    async with database.transaction(nudge.tenant) as session:
        fresh = getattr(Approval, column).is_(None)
        changed = await session.execute(
            update(Approval)
            .where(Approval.id == nudge.approval_id, Approval.state == ApprovalState.OPEN, fresh)
            .values({column: func.clock_timestamp()})
        )
        if changed.rowcount != 1:
            return False
        approval = await session.get_one(Approval, nudge.approval_id)
        case = await session.get_one(Case, approval.case_id)
        policy = ApprovalPolicy.model_validate(approval.policy)
        to = policy.escalate_to if kind == "escalated" else policy.who
        if kind == "escalated":
            await _add_candidates(session, approval, to)
        able = await able_people(session, to, policy.left_out)
        words = sentence.format(who=one_of(list(able.values()), word="and") or "nobody")
        await tell(session, case, JournalLine(key=f"{kind}:{approval.id}", kind=kind, sentence=words))
        if kind == "escalated":
            former = set(await told_of(session, approval)) - set(able)
            key, note = f"escalated:{approval.id}", "The time to answer is over. You can answer now too."
            await tell_people(session, case, Event.ESCALATED, able, approval=approval, key=key, note=note)
            await tell_people(session, case, Event.ESCALATED, former, approval=approval, key=key, note=words)
        else:
            await tell_people(session, case, Event.REMINDED, able, approval=approval, key=f"reminded:{approval.id}")
    return True
