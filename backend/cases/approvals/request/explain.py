"""Explain a policy before a case is started: who would have to approve, in which order, by which rule, until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.calendars import calendar_for
from backend.cases.approvals.core.candidates import able_people, named_people, names_of_principals, resolve
from backend.cases.approvals.core.whose_turn import describe_rule
from backend.cases.approvals.request.open_approval import fix_policy
from backend.cases.approvals.request.shortages import shortages
from backend.cases.core.access import may_operate
from backend.cases.core.actor import Actor
from backend.cases.core.errors import NotAllowed, NotFound
from backend.database.tables import Membership, Person
from backend.kit.approval import ApprovalPolicy, AtDeadline, Step, Veto
from backend.kit.case import Case
from backend.kit.i18n import N_
from backend.kit.names import join_names
from backend.kit.policy import TimerKind, Timetable
from backend.kit.process import Process
from backend.kit.timetable import timetable

_AT_DEADLINE = {
    AtDeadline.EXPIRE: N_("it expires"),
    AtDeadline.APPROVE: N_("it is approved automatically"),
    AtDeadline.REJECT: N_("it is rejected automatically"),
    AtDeadline.ESCALATE: N_("it expires after a last escalation"),
    AtDeadline.FAIL: N_("the case fails"),
    AtDeadline.GO_ON: N_("the case continues without a decision"),
}
_VETO = {
    Veto.NO_ENDS: N_("One rejection ends it."),
    Veto.NO_COUNTS: N_("It is rejected once enough approvals are no longer possible."),
    Veto.COUNT_AT_END: N_("Decisions are counted once everybody has decided."),
}


@dataclass(frozen=True)
class LeftOut:
    """A person who is named but may not decide, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class AskedToo:
    """Who else would be asked, and when."""

    at: datetime
    who: str


@dataclass(frozen=True)
class ExplainedStep:
    """One level: its approvers and how they are found, who is left out, the rule, and the timetable.

    `impossible` says why it could never be approved; empty if it can.
    """

    step: Step
    found_as: str
    able: Mapping[str, str]
    left_out: list[LeftOut]
    rule: str
    veto: str
    needed: int
    impossible: str
    moments: Timetable
    reminders: list[datetime]
    escalations: list[AskedToo]
    at_deadline: str


@dataclass(frozen=True)
class Explanation:
    """All levels of one input in their order, as if it was submitted now."""

    process: Process
    requester: str
    asked_at: datetime
    steps: list[ExplainedStep]


async def explain(
    session: AsyncSession, process: Process, form: BaseModel, plan: BaseModel, requester: Actor | Person
) -> Explanation:
    """The approvals that this input would need. Nothing is started; a process without approvals has no levels."""
    now = datetime.now(UTC)
    person = requester.person_id if isinstance(requester, Actor) else requester.id
    tenant = requester.tenant if isinstance(requester, Actor) else requester.tenant_id
    envelope = Case[process.input, process.plan](  # type: ignore[name-defined]
        tenant=tenant,
        case_id=UUID(int=0),
        reference=process.prefix,
        process=process.key,
        opened_by=person,
        opened_by_name=requester.name,
        opened_at=now,
        input=form,
        plan=plan,
    )
    steps = process.steps(envelope) if process.steps else ()
    short = await shortages(session, steps, {person})
    explained = [await _explain(session, step, tenant, person, now, short.get(step.key, "")) for step in steps]
    return Explanation(process, requester.name, now, explained)


async def _explain(
    session: AsyncSession, step: Step, tenant: str, requester: str, now: datetime, impossible: str
) -> ExplainedStep:
    moments = timetable(step, now, await calendar_for(session, tenant, step))
    policy = await fix_policy(session, step, {requester}, moments)
    able = await able_people(session, policy.who, policy.left_out)
    rule = describe_rule(able, policy.needed, policy.veto)
    unknown = [each.partition(":")[2] for each in step.who if each.startswith("computed:")]
    if unknown:
        names = join_names([*able.values(), *unknown], word="and")
        rule = N_("{names} must approve; they are determined when the approval opens.").format(names=names)
    return ExplainedStep(
        step=step,
        found_as=join_names(await names_of_principals(session, step.who), word="and"),
        able=able,
        left_out=await _left_out(session, step, policy, requester),
        rule=rule,
        veto=_VETO[step.veto],
        needed=policy.needed,
        impossible=impossible,
        moments=moments,
        reminders=[each.at for each in moments.timers if each.kind is TimerKind.REMIND],
        escalations=await _escalations(session, policy, moments),
        at_deadline=_AT_DEADLINE[step.at_deadline],
    )


async def _left_out(session: AsyncSession, step: Step, policy: ApprovalPolicy, requester: str) -> list[LeftOut]:
    """People who are named but cannot decide, those with a closed account among them."""
    excluded = await able_people(session, await resolve(session, step.excluding), set())
    found = []
    for person, (name, active) in (await named_people(session, policy.who)).items():
        if person == requester:
            found.append(LeftOut(name, N_("is the requester")))
        elif person in excluded:
            found.append(LeftOut(name, N_("has a conflict of interest")))
        elif not active:
            found.append(LeftOut(name, N_("has no active account")))
    return found


async def _escalations(session: AsyncSession, policy: ApprovalPolicy, moments: Timetable) -> list[AskedToo]:
    """Who is new at each escalation; one that adds nobody is left out."""
    found, asked = [], await able_people(session, policy.who, policy.left_out)
    for timer in moments.timers:
        if timer.kind is TimerKind.ESCALATE:
            able = await able_people(session, policy.chain[timer.number - 1], policy.left_out)
            new = [name for person, name in able.items() if person not in asked]
            asked |= able
            if new:
                found.append(AskedToo(timer.at, join_names(new, word="and")))
    return found


async def requester_named(session: AsyncSession, actor: Actor, process: Process, name: str) -> Actor | Person:
    """Whose request to explain: one's own, or for operators of the process that of anybody who may start it."""
    if name in {"", actor.person_id}:
        return actor
    if not may_operate(actor, process):
        raise NotAllowed(N_("You can only see this for your own requests."))
    found = next((each for each in await starters(session, process) if each.id == name), None)
    if found is None:
        raise NotFound(N_("There is no such person, or they cannot start this process."))
    return found


async def starters(session: AsyncSession, process: Process) -> list[Person]:
    """People who may start this process, by name; 200 at most."""
    members = select(Membership.person_id).where(Membership.group_id.in_(process.rights.start))
    statement = select(Person).where(Person.id.in_(members), Person.active).order_by(Person.name).limit(200)
    return list(await session.scalars(statement))
