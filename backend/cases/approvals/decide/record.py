"""Record a decision: its row, journal line and proof, and the verdict if it brings one."""

import hashlib
from datetime import datetime

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, people_done
from backend.cases.approvals.core.close import close, verdict_of
from backend.cases.approvals.core.feasibility import check_feasibility
from backend.cases.approvals.core.locked_approval import LockedApproval
from backend.cases.approvals.decide.decision import OVERRIDE, OWN, Decision
from backend.cases.audit.record import body_of
from backend.cases.core.actor import names_of
from backend.cases.core.envelope import digest_of
from backend.cases.core.records import RECORDS, WRITE_RECORDS, CaseRecords, JournalLine
from backend.cases.notifications.notify import notify
from backend.cases.outbox import outbox
from backend.database.ids import new_id
from backend.database.tables import Approval, CaseVersion, RecordedDecision
from backend.kit.approval import ApprovalState, DecisionKind
from backend.kit.i18n import N_
from backend.kit.notification import NotificationEvent
from backend.kit.verdict import reach_verdict

# One statement: the decision, its line in the journal, and its proof.
_RECORD = text(f"""
    WITH recorded AS (
        INSERT INTO votes (tenant_id, approval_id, person_id, decision, comment, version, digest, acting_for, channel,
                           kind, policy, option, extra, corrected_from, event)
        VALUES (:tenant_id, :approval_id, :person_id, :decision, :comment, :version, :digest, :acting_for, :channel,
                :kind, :policy, :option, :extra, :corrected_from, :event)
        RETURNING at
    ), {RECORDS}, {WRITE_RECORDS}
    SELECT at FROM recorded
""").bindparams(bindparam("extra", type_=JSONB(none_as_null=True)), bindparam("records", type_=JSONB))  # noqa: S608


async def record_decision(
    locked: LockedApproval, decision: Decision, decisions: list[RecordedDecision]
) -> RecordedDecision:
    """Add a validated decision to those so far, and close the approval if it brings the verdict."""
    case, approval, person = locked.case, locked.approval, locked.person.person_id
    row = RecordedDecision(
        tenant_id=case.tenant_id,
        approval_id=approval.id,
        person_id=person,
        acting_for=decision.acting_for,
        decision=decision.kind,
        comment=decision.comment,
        version=case.version,
        digest=digest_of(case.input),
        channel=decision.channel,
        kind=OVERRIDE if decision.overrides else OWN,
        policy=locked.policy.version,
        option=decision.option,
        extra=None if decision.extra is None else dict(decision.extra),
        corrected_from=await _before_corrections(locked) if case.version > 1 else None,
    )
    decisions.append(row)
    reached = _STATE_OF[decision.kind] if decision.overrides else await reached_by(locked.session, approval, decisions)
    if reached is not None:
        row.event = await _close(locked, decision, reached, decisions)
    await _write(locked, decision, row, reached)
    if reached is None:
        approval.undo_until = row.at + decision.undo_within if decision.undo_within else None
        if approval.impossible:  # in other words now
            await check_feasibility(locked.session, approval, case, decisions)
    return row


async def _before_corrections(locked: LockedApproval) -> int | None:
    """The version before this person corrected it in this approval; None if they did not."""
    own = (CaseVersion.corrected_in == locked.approval.id, CaseVersion.edited_by == locked.person.person_id)
    first: int | None = await locked.session.scalar(select(func.min(CaseVersion.version)).where(*own))
    return None if first is None else first - 1


async def _write(
    locked: LockedApproval, decision: Decision, row: RecordedDecision, reached: ApprovalState | None
) -> None:
    line = JournalLine(
        key=f"vote:{new_id()}",  # a decision made again after it was retracted has a line of its own
        kind="overridden" if decision.overrides else _STATE_OF[decision.kind],
        sentence=await _sentence(locked, decision),
        actor=row.person_id,
        quote=row.comment,
    )
    records = CaseRecords.of(locked.case, [line], facts=[_fact(locked, row, reached)])
    given = {**row.model_dump(exclude={"at"}), "records": [records.row()]}
    row.at = (await locked.session.execute(_RECORD, given)).scalar_one()


async def _sentence(locked: LockedApproval, decision: Decision) -> str:
    option = locked.policy.option(decision.kind, decision.option)
    facts = {
        "decided": option.done if option else decision.kind,
        "version": locked.case.version,
        "step": locked.approval.label,
    }
    if decision.overrides:
        return N_("{decided} (version {version}, {step}), overriding the approvers.").format(**facts)
    if decision.acting_for:
        name = (await names_of(locked.session, {decision.acting_for}))[decision.acting_for]
        return N_("{decided} (version {version}, {step}) for {name}.").format(**facts, name=name)
    return N_("{decided} (version {version}, {step}).").format(**facts)


async def _close(
    locked: LockedApproval, decision: Decision, reached: ApprovalState, decisions: list[RecordedDecision]
) -> int:
    """Close it, notify the requester and signal the workflow, which waits while the decision can be retracted.

    The requester hears of an override together with the approvers.
    """
    session, case, approval, by = locked.session, locked.case, locked.approval, locked.person.person_id
    await close(session, approval, reached, by=by)
    if not decision.overrides:
        event = NotificationEvent.SENT_BACK if reached is ApprovalState.SENT_BACK else NotificationEvent.DECIDED
        key, note = f"decided:{approval.id}:{approval.decided_at}", decision.comment
        await notify(session, case, event, [case.opened_by], approval=approval, key=key, note=note, by=by)
    held: datetime | None = None
    within = max(locked.policy.undo_within, decision.undo_within)
    if within and not decision.overrides:
        assert approval.decided_at is not None  # noqa: S101 - just closed
        approval.undo_until = held = approval.decided_at + within
    verdict = await verdict_of(session, approval, decisions)
    return await outbox.enqueue(session, case, outbox.Message.DECIDE, verdict, held)


def _fact(locked: LockedApproval, row: RecordedDecision, reached: ApprovalState | None) -> str:
    approval = locked.approval
    facts = {
        "approval": str(approval.id),
        "step": approval.step,
        "round": approval.round,
        "choice": row.decision,
        "option": row.option,
        "kind": row.kind,
        "acting_for": row.acting_for,
        "policy": row.policy,
        "version": row.version,
        "corrected_from": row.corrected_from,
        "shown": row.digest,
        "comment": hashlib.sha256(row.comment.encode()).hexdigest(),
        "channel": row.channel,
        "verdict": reached,
        "event": row.event,
    }
    return body_of("approval.decide", row.person_id, locked.case.reference, **facts)


async def reached_by(
    session: AsyncSession, approval: Approval, decisions: list[RecordedDecision]
) -> ApprovalState | None:
    """The verdict that these decisions come to by the policy of this approval; None if it stays open."""
    policy = approval.fixed_policy
    able = await able_people(session, policy.who, policy.left_out)
    left = able.keys() - people_done(decisions)
    kinds = [DecisionKind(each.decision) for each in decisions]
    return reach_verdict(kinds, needed=policy.needed, left=len(left), veto=policy.veto)


_STATE_OF = {
    DecisionKind.APPROVE: ApprovalState.APPROVED,
    DecisionKind.REJECT: ApprovalState.REJECTED,
    DecisionKind.SEND_BACK: ApprovalState.SENT_BACK,
}
