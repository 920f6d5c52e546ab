"""Which level of its case an approval is, and which levels follow, where the order is known in advance."""

from dataclasses import dataclass

from backend.cases.core.envelope import envelope_of
from backend.database.tables import Approval, Case
from backend.kit.process import Process


@dataclass(frozen=True)
class Level:
    """Which level this is, of how many, and the labels of the later ones."""

    number: int
    of: int
    then: tuple[str, ...]


def level_of(process: Process, case: Case, approval: Approval, requester: str) -> Level | None:
    """None for a process whose order is not known in advance, or that has only one level."""
    steps = process.steps(envelope_of(case, process, requester)) if process.steps else ()
    index = next((index for index, step in enumerate(steps) if step.key == approval.step), None)
    if index is None or len(steps) == 1:
        return None
    return Level(index + 1, len(steps), tuple(step.label for step in steps[index + 1 :]))
