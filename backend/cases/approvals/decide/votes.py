"""A vote: what one person said of one approval, told, proved, and counted; with the verdict if it brings one."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, answerers
from backend.cases.approvals.core.close import close, verdict_of
from backend.cases.audit.record import body_of
from backend.cases.core.actor import Actor, names_of
from backend.cases.core.envelope import digest_of
from backend.cases.core.records import RECORDS, WRITE_RECORDS, CaseRecords, JournalLine
from backend.cases.notifications.notify import notify
from backend.cases.outbox import outbox
from backend.database.ids import new_id
from backend.database.tables import Approval, Case, CaseVersion, Vote
from backend.kit.approval import ApprovalState, DecisionKind, DecisionOption
from backend.kit.notification import NotificationEvent
from backend.kit.verdict import reach_verdict

OWN, OVERRIDE, KEPT = "own", "override", "kept"
# One statement: the vote, its line in the story, and its proof.
_RECORD = text(f"""
    WITH voted AS (
        INSERT INTO votes (tenant_id, approval_id, person_id, decision, comment, version, digest, acting_for, channel,
                           kind, policy, option, extra, corrected_from, event)
        VALUES (:tenant_id, :approval_id, :person_id, :decision, :comment, :version, :digest, :acting_for, :channel,
                :kind, :policy, :option, :extra, :corrected_from, :event)
        RETURNING at
    ), {RECORDS}, {WRITE_RECORDS}
    SELECT at FROM voted
""").bindparams(bindparam("extra", type_=JSONB(none_as_null=True)), bindparam("records", type_=JSONB))  # noqa: S608


class Channel(StrEnum):
    """Which way an answer came."""

    PAGE = "page"
    API = "api"
    BULK = "bulk"
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """What is about to be recorded; `acting_for` is whose seat a substitute answers for."""

    person: Actor
    option: DecisionOption
    comment: str
    channel: Channel
    extra: dict[str, Any] | None = None
    acting_for: str | None = None
    kind: str = OWN


async def record_decision(
    session: AsyncSession, approval: Approval, case: Case, ballot: Ballot, votes: list[Vote]
) -> None:
    """Add one vote to those so far; approval and case are locked, and the policy has been asked."""
    policy = approval.fixed_policy
    vote = Vote(
        tenant_id=case.tenant_id,
        approval_id=approval.id,
        person_id=ballot.person.person_id,
        acting_for=ballot.acting_for,
        decision=ballot.option.counts_as,
        comment=ballot.comment,
        version=case.version,
        digest=digest_of(case.input),
        channel=ballot.channel,
        kind=ballot.kind,
        policy=policy.version,
        option=ballot.option.key,
        extra=ballot.extra,
        corrected_from=await _before_corrections(session, approval, ballot.person.person_id)
        if case.version > 1
        else None,
    )
    votes.append(vote)
    reached = (
        _FORCED[ballot.option.counts_as] if ballot.kind == OVERRIDE else await reached_by(session, approval, votes)
    )
    if reached is not None:
        vote.event = await _close(session, approval, case, ballot, reached, votes)
    await _record(session, approval, case, ballot, vote, reached)


async def _before_corrections(session: AsyncSession, approval: Approval, person_id: str) -> int | None:
    """The version before this person corrected it within this approval; None if they did not."""
    own = (CaseVersion.corrected_in == approval.id, CaseVersion.edited_by == person_id)
    first: int | None = await session.scalar(select(func.min(CaseVersion.version)).where(*own))
    return None if first is None else first - 1


async def _record(
    session: AsyncSession, approval: Approval, case: Case, ballot: Ballot, vote: Vote, reached: ApprovalState | None
) -> None:
    line = JournalLine(
        key=f"vote:{new_id()}",  # after an answer was taken back the next one is told as well
        kind="overridden" if ballot.kind == OVERRIDE else _KIND[ballot.option.counts_as],
        sentence=await _sentence(session, approval, case, ballot),
        actor=vote.person_id,
        quote=vote.comment,
    )
    records = CaseRecords.of(case, [line], facts=[_fact(approval, case, vote, reached)])
    given = {**vote.model_dump(exclude={"at"}), "records": [records.row()]}
    vote.at = (await session.execute(_RECORD, given)).scalar_one()


async def _sentence(session: AsyncSession, approval: Approval, case: Case, ballot: Ballot) -> str:
    names = await names_of(session, {ballot.acting_for or ""})
    for_whom = f", for {names[ballot.acting_for]}" if ballot.acting_for else ""
    instead = ", instead of those who were asked" if ballot.kind == OVERRIDE else ""
    return f"{ballot.option.done} version {case.version} as {approval.label.lower()}{for_whom}{instead}."


async def _close(
    session: AsyncSession,
    approval: Approval,
    case: Case,
    ballot: Ballot,
    reached: ApprovalState,
    votes: list[Vote],
) -> int:
    """Close it and tell requester and workflow; within the time to take it back the workflow does not hear yet.

    Of an override, the requester hears with those who were asked.
    """
    policy, by = approval.fixed_policy, ballot.person.person_id
    await close(session, approval, reached, by=by)
    if ballot.kind != OVERRIDE:
        event = NotificationEvent.SENT_BACK if reached is ApprovalState.SENT_BACK else NotificationEvent.DECIDED
        key, note = f"decided:{approval.id}:{approval.decided_at}", ballot.comment
        await notify(session, case, event, [case.opened_by], approval=approval, key=key, note=note, by=by)
    held: datetime | None = None
    if policy.undo_within and ballot.kind == OWN:
        assert approval.decided_at is not None  # noqa: S101 - just closed
        approval.undo_until = held = approval.decided_at + policy.undo_within
    decision = await verdict_of(session, approval, votes)
    return await outbox.enqueue(session, case, outbox.Message.DECIDE, decision, held)


def _fact(approval: Approval, case: Case, vote: Vote, reached: ApprovalState | None) -> str:
    facts = {
        "approval": str(approval.id),
        "step": approval.step,
        "round": approval.round,
        "choice": vote.decision,
        "option": vote.option,
        "kind": vote.kind,
        "acting_for": vote.acting_for,
        "policy": vote.policy,
        "version": vote.version,
        "corrected_from": vote.corrected_from,
        "shown": vote.digest,
        "comment": hashlib.sha256(vote.comment.encode()).hexdigest(),
        "channel": vote.channel,
        "verdict": reached,
        "event": vote.event,
    }
    return body_of("approval.decide", vote.person_id, case.reference, **facts)


async def reached_by(session: AsyncSession, approval: Approval, votes: list[Vote]) -> ApprovalState | None:
    """What all answers come to by the policy of this approval."""
    policy = approval.fixed_policy
    able = await able_people(session, policy.who, policy.left_out)
    left = able.keys() - answerers(votes)
    choices = [DecisionKind(vote.decision) for vote in votes]
    return reach_verdict(choices, needed=policy.needed, left=len(left), veto=policy.veto)


_KIND = {DecisionKind.APPROVE: "approved", DecisionKind.REJECT: "rejected", DecisionKind.SEND_BACK: "sent_back"}
_FORCED = {
    DecisionKind.APPROVE: ApprovalState.APPROVED,
    DecisionKind.REJECT: ApprovalState.REJECTED,
    DecisionKind.SEND_BACK: ApprovalState.SENT_BACK,
}
