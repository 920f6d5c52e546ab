"""Who can decide an approval, and the rule by which they do, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, people_done
from backend.database.tables import Approval, RecordedDecision
from backend.kit.approval import ApprovalPolicy, DecisionKind, Veto
from backend.kit.i18n import N_, NN_
from backend.kit.names import join_names
from backend.kit.progress import NO_APPROVER, Turn


def describe_rule(able: Mapping[str, str], needed: int, veto: Veto) -> str:
    """How many of these people have to approve."""
    names = list(able.values())
    if not names:
        return N_("Nobody can decide this.")
    if needed > len(names):
        sentence = N_("{needed} people must approve, but only {names} can decide.")
        return sentence.format(needed=needed, names=join_names(names, word="and"))
    if len(names) == 1:
        return N_("{name} must approve.").format(name=names[0])
    if needed >= len(names):
        return N_("{names} must approve.").format(names=join_names(names, word="and"))
    if veto is Veto.COUNT_AT_END:
        sentence = NN_(
            "{names} must decide; {count} approval is enough.",
            "{names} must decide; {count} approvals are enough.",
            needed,
        )
        return sentence.format(names=join_names(names, word="and"), count=needed)
    sentence = N_("{names} must approve.") if needed == 1 else N_("{needed} of {names} must approve.")
    return sentence.format(needed=needed, names=join_names(names))


@dataclass(frozen=True)
class Outstanding:
    """What an approval still needs: how many approvals it has and needs, and who can still decide, by id.

    `all_decide` says that each of them has to decide, however many approvals there are.
    """

    approvals: int
    needed: int
    left: Mapping[str, str]
    all_decide: bool = False

    @property
    def missing(self) -> int:
        """How many approvals are still needed."""
        return max(self.needed - self.approvals, 0)

    @property
    def next_is_last(self) -> bool:
        """Whether one more approval brings the verdict."""
        return len(self.left) <= 1 if self.all_decide else self.missing <= 1

    @property
    def names(self) -> str:
        """Who can still decide, as one phrase; empty for nobody."""
        every = self.all_decide or self.missing > 1 or (self.approvals > 0 and self.missing >= len(self.left))
        return join_names(list(self.left.values()), word="and" if every else "or")

    @property
    def sentence(self) -> str:
        """As in "Waiting for Fay Nowak, 1 of 2 approved."; empty before the first approval."""
        if not self.approvals or not self.left:
            return ""
        if self.all_decide:
            return N_("Waiting for {names}; everybody has to decide.").format(names=self.names)
        sentence = N_("Waiting for {names}, {approvals} of {needed} approved.")
        return sentence.format(names=self.names, approvals=self.approvals, needed=self.needed)


def outstanding(policy: ApprovalPolicy, able: Mapping[str, str], decisions: Sequence[RecordedDecision]) -> Outstanding:
    """What remains to be decided after these decisions, and by whom."""
    done = people_done(decisions)
    approvals = sum(each.decision == DecisionKind.APPROVE for each in decisions)
    left = {key: name for key, name in able.items() if key not in done}
    return Outstanding(approvals, policy.needed, left, all_decide=policy.veto is Veto.COUNT_AT_END)


async def turn_of(session: AsyncSession, approval: Approval, decisions: Sequence[RecordedDecision] = ()) -> Turn:
    """Who can still decide this approval after these decisions, until when, and what happens then."""
    policy = approval.fixed_policy
    found = outstanding(policy, await able_people(session, policy.who, policy.left_out), decisions)
    return Turn(
        who=found.names or NO_APPROVER,
        since=approval.asked_at,
        until=approval.due_at,
        rule=found.sentence or policy.rule,
        if_nobody=policy.if_nobody,
        approval_id=str(approval.id),
    )
