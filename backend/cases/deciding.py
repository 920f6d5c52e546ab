"""Decide: the approval's row goes from open to one verdict, once, with everything that follows from it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases import audit, outbox
from backend.cases.access import Processes, approval_of
from backend.cases.actor import Actor, names_of, read_actor
from backend.cases.candidates import able_people, answered_by
from backend.cases.differences import differences
from backend.cases.errors import CommentNeeded, CommentTooLong, ExtraWrong, NotFound, NotOffered, StaleVersion
from backend.cases.journal import JournalLine, tell
from backend.cases.policy import standing, why_not
from backend.cases.telling import Event, settle, tell_people
from backend.database.engine import Database
from backend.database.tables import Approval, Candidate, Case, CaseVersion, Delegation, Vote
from backend.kit.approval import DEADLINE, ApprovalPolicy, ApprovalState, Choice, Decision, Option
from backend.kit.process import Process
from backend.kit.verdict import verdict

MAX_COMMENT = 4000


class Channel(StrEnum):
    """Which way an answer came."""

    PAGE = "page"
    API = "api"


@dataclass(frozen=True)
class Answer:
    """What a person answers, and the version of the form that was on their screen.

    `option` is the button of a process that has its own, `extra` what it asks for beside the answer.
    """

    choice: Choice
    version: int
    comment: str = ""
    option: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decided:
    """The approval after the answer, and its case."""

    approval: Approval
    case: Case
    yeses: int


async def decide(
    database: Database,
    processes: Processes,
    approval_id: UUID,
    answer: Answer,
    *,
    by: Actor,
    channel: Channel,
) -> Decided:
    """Record one person's answer and its verdict, or raise why not. The same answer again is the same result."""
    if len(answer.comment) > MAX_COMMENT:
        raise CommentTooLong
    async with database.transaction(by.tenant) as session:
        await approval_of(session, by, approval_id, processes)
        approval = await session.get_one(Approval, approval_id, with_for_update=True, populate_existing=True)
        person = await read_actor(session, by.person_id)
        if person is None:
            raise NotFound
        case = await session.get_one(Case, approval.case_id, with_for_update={"read": True}, populate_existing=True)
        former = await session.get(Vote, (approval.id, person.person_id))
        if former is None or (former.decision, former.version) != (answer.choice, answer.version):
            await _refuse_if_barred(session, person, approval)
            await _refuse_if_stale(session, processes, case, answer.version)
            extra = _extra(processes[case.process], approval, answer)
            await _vote(session, approval, case, answer, person, channel, extra)
        yeses = await _yeses(session, approval.id)
    return Decided(approval, case, len(yeses))


def _chosen(policy: ApprovalPolicy, answer: Answer) -> Option:
    """The option that was pressed. NotOffered if the policy has none such, CommentNeeded if it wants a reason."""
    option = policy.option(answer.choice, answer.option)
    if option is None:
        raise NotOffered
    if option.comment and not answer.comment.strip():
        raise CommentNeeded("Write a reason; the requester reads it.")
    return option


def _extra(process: Process, approval: Approval, answer: Answer) -> dict[str, Any] | None:
    """The fields that a yes at this step needs beside the answer, checked. ExtraWrong with every error."""
    model = process.extra.get(approval.step)
    if model is None or answer.choice is not Choice.APPROVE:
        return None
    try:
        return model.model_validate(answer.extra).model_dump(mode="json")
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise ExtraWrong({".".join(map(str, one["loc"])): one["msg"] for one in found}) from error


async def _refuse_if_barred(session: AsyncSession, person: Actor, approval: Approval) -> None:
    closed_by = (await names_of(session, {approval.decided_by or ""})).get(approval.decided_by or "", "")
    reason = why_not(person, approval, await standing(session, person, approval, closed_by))
    if reason is not None:
        raise reason


async def _refuse_if_stale(session: AsyncSession, processes: Processes, case: Case, version: int) -> None:
    if version == case.version:
        return
    seen = await session.get(CaseVersion, (case.id, version))
    model = processes[case.process].input
    raise StaleVersion(case.version, differences(model, seen.input if seen else {}, case.input))


async def _vote(
    session: AsyncSession,
    approval: Approval,
    case: Case,
    answer: Answer,
    person: Actor,
    channel: Channel,
    extra: dict[str, Any] | None,
) -> None:
    policy = ApprovalPolicy.model_validate(approval.policy)
    option = _chosen(policy, answer)
    comment = answer.comment.strip()
    shown = hashlib.sha256(json.dumps(case.input, sort_keys=True).encode()).hexdigest()
    session.add(
        Vote(
            tenant_id=case.tenant_id,
            approval_id=approval.id,
            person_id=person.person_id,
            decision=answer.choice,
            comment=comment,
            version=case.version,
            digest=shown,
            channel=channel,
            policy=policy.version,
            option=option.key,
            extra=extra,
        )
    )
    await session.flush()
    sentence = f"{option.done} version {case.version} as {approval.label.lower()}."
    line = JournalLine(
        key=f"vote:{approval.id}:{person.person_id}",
        kind=_KIND[answer.choice],
        sentence=sentence,
        actor=person.person_id,
        quote=comment,
    )
    await tell(session, case, line)
    reached = await _verdict(session, approval, policy)
    if reached is not None:
        await close(session, approval, reached, by=person.person_id)
        event = Event.SENT_BACK if reached is ApprovalState.SENT_BACK else Event.DECIDED
        to, key = [case.opened_by], f"decided:{approval.id}"
        by = person.person_id
        await tell_people(session, case, event, to, approval=approval, key=key, note=comment, by=by)
        await outbox.enqueue(session, case, outbox.Message.DECIDE, await decision_of(session, approval))
    facts = {
        "approval": str(approval.id),
        "step": approval.step,
        "round": approval.round,
        "choice": answer.choice,
        "option": option.key,
        "policy": policy.version,
        "version": case.version,
        "shown": shown,
        "channel": channel,
        "verdict": reached,
    }
    await audit.record(session, case.tenant_id, "approval.decide", person.person_id, case.reference, **facts)


async def _verdict(session: AsyncSession, approval: Approval, policy: ApprovalPolicy) -> ApprovalState | None:
    """What all answers come to by the policy of this approval."""
    votes = await session.scalars(select(Vote.decision).where(Vote.approval_id == approval.id))
    answered = await answered_by(session, approval.id)
    able = await able_people(session, policy.who, policy.left_out)
    choices = [Choice(each) for each in votes]
    return verdict(choices, needed=policy.needed, left=len(able.keys() - answered), veto=policy.veto)


async def _yeses(session: AsyncSession, approval_id: UUID) -> list[Vote]:
    statement = select(Vote).where(Vote.approval_id == approval_id, Vote.decision == Choice.APPROVE)
    return list(await session.scalars(statement.order_by(Vote.at)))


async def close(session: AsyncSession, approval: Approval, verdict: ApprovalState, by: str | None) -> bool:
    """Give an approval its one verdict; False if it has one already. People, timers and recalls all come here."""
    closed = await session.execute(
        update(Approval)
        .where(Approval.id == approval.id, Approval.state == ApprovalState.OPEN)
        .values(state=verdict, decided_by=by, decided_at=func.clock_timestamp())
    )
    await session.refresh(approval)
    if closed.rowcount != 1:
        return False
    candidates = Candidate.approval_id == approval.id
    await session.execute(update(Candidate).where(candidates).values(open=False))
    await settle(session, approval)
    asked = (Delegation.approval_id == approval.id, Delegation.state == "open")
    await session.execute(update(Delegation).where(*asked).values(state="not_needed"))
    return True


async def decision_of(session: AsyncSession, approval: Approval) -> Decision:
    """The verdict as the workflow hears it."""
    votes = list(await session.scalars(select(Vote).where(Vote.approval_id == approval.id).order_by(Vote.at)))
    counted = [vote for vote in votes if vote.decision == _CHOICE_OF.get(approval.state, vote.decision)]
    names = await names_of(session, {vote.person_id for vote in counted})
    case = await session.get_one(Case, approval.case_id)
    assert approval.decided_at is not None  # noqa: S101 - only closed approvals have a decision
    by_deadline = approval.decided_by == DEADLINE
    last = counted[-1] if counted else None
    return Decision(
        approval_id=approval.id,
        step=approval.step,
        round=approval.round,
        verdict=ApprovalState(approval.state),
        by=tuple(vote.person_id for vote in counted),
        names="The deadline" if by_deadline else " and ".join(names[vote.person_id] for vote in counted),
        comment=last.comment if last else "",
        version=case.version,
        at=approval.decided_at,
        option=last.option if last and not by_deadline else "",
        extra=(last.extra or {}) if last else {},
        deadline=ApprovalPolicy.model_validate(approval.policy).at_deadline if by_deadline else None,
    )


_CHOICE_OF = {
    ApprovalState.APPROVED: Choice.APPROVE,
    ApprovalState.REJECTED: Choice.REJECT,
    ApprovalState.SENT_BACK: Choice.SEND_BACK,
}
_KIND = {Choice.APPROVE: "approved", Choice.REJECT: "rejected", Choice.SEND_BACK: "sent_back"}
