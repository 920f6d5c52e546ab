"""Decide: one person's decision is validated and recorded, and brings the verdict if the policy says so."""

from dataclasses import dataclass, field, replace

from backend.cases.approvals.core.candidates import decisions_of
from backend.cases.approvals.core.errors import NotInBulk
from backend.cases.approvals.core.locked_approval import LockedApproval
from backend.cases.approvals.decide.decision import Channel, Decision
from backend.cases.approvals.decide.decision_links import spend
from backend.cases.approvals.decide.record import record_decision
from backend.cases.approvals.decide.validate import validated
from backend.database.tables import RecordedDecision
from backend.kit.approval import DecisionKind


@dataclass(frozen=True)
class DecisionResult:
    """The approval after the decision, and all decisions so far; `repeated` if this one was recorded before."""

    locked: LockedApproval
    decisions: list[RecordedDecision] = field(default_factory=list)
    repeated: bool = False

    @property
    def approvals(self) -> int:
        """How many people have approved so far."""
        return sum(each.decision == DecisionKind.APPROVE for each in self.decisions)


async def decide(locked: LockedApproval, decision: Decision) -> DecisionResult:
    """Record this person's decision and its verdict, or raise the refusal. The same decision again changes nothing."""
    person, decisions = locked.person.person_id, await decisions_of(locked.session, locked.approval.id)
    own = next((each for each in decisions if each.person_id == person), None)
    if own is not None and (own.decision, own.version) == (decision.kind, decision.version):
        return DecisionResult(locked, decisions, repeated=True)
    locked.attempt(decision.kind, decision.channel, decision.version)
    locked.require_decider()
    if decision.channel is Channel.BULK and not locked.policy.bulk:
        raise NotInBulk
    decision = await validated(locked, replace(decision, acting_for=locked.eligibility.acting_for))
    if decision.link is not None:
        await spend(locked.session, decision.link, person, locked.approval.id)
    await record_decision(locked, decision, decisions)
    return DecisionResult(locked, decisions)
