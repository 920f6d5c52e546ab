"""Which level of its case an approval is, which levels follow, and what its approval would lead to now."""

from dataclasses import dataclass

from backend.cases.approvals.core.whose_turn import Outstanding
from backend.cases.core.envelope import envelope_of
from backend.database.tables import Approval, Case
from backend.kit.approval import ApprovalState, Step
from backend.kit.i18n import N_
from backend.kit.process import Process


@dataclass(frozen=True)
class Level:
    """Which level this is, of how many, and the labels of the later ones."""

    number: int
    of: int
    then: tuple[str, ...]


def steps_now(process: Process, case: Case, requester: str) -> list[Step]:
    """The approvals that follow from the form as it is now; none where their order is not known in advance."""
    return list(process.steps(envelope_of(case, process, requester))) if process.steps else []


def level_of(steps: list[Step], approval: Approval) -> Level | None:
    """None for a process whose order is not known in advance, or that has only one level."""
    index = next((index for index, step in enumerate(steps) if step.key == approval.step), None)
    if index is None or len(steps) == 1:
        return None
    return Level(index + 1, len(steps), tuple(step.label for step in steps[index + 1 :]))


def effects_of(steps: list[Step], approval: Approval, left: Outstanding) -> tuple[str, ...]:
    """What happens next if one more person approves now; nothing once there is a verdict."""
    if approval.state != ApprovalState.OPEN:
        return ()
    if left.all_decide and not left.next_is_last:
        return (N_("Counts once everybody has decided"),)
    if not left.next_is_last:
        sentence = N_("Counts as approval {number} of {needed}: somebody else has to approve too")
        return (sentence.format(number=left.approvals + 1, needed=left.needed),)
    level = level_of(steps, approval)
    if level and level.then:
        return (N_("Goes to {step_label} next").format(step_label=level.then[0]),)
    return next((step.effects for step in steps if step.key == approval.step), approval.fixed_policy.effects)
