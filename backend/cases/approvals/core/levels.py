"""Which level of its case an approval is, and which follow: the order is known in advance."""

from dataclasses import dataclass

from backend.cases.core.envelope import envelope_of
from backend.database.tables import Approval, Case
from backend.kit.process import Process


@dataclass(frozen=True)
class Level:
    """The how manieth of how many levels it is, and what the later ones are called."""

    number: int
    of: int
    then: tuple[str, ...]


def level_of(process: Process, case: Case, approval: Approval, requester: str) -> Level | None:
    """None for a process whose order is not known in advance, or that has one level alone."""
    steps = process.steps(envelope_of(case, process, requester)) if process.steps else ()
    place = next((index for index, step in enumerate(steps) if step.key == approval.step), None)
    if place is None or len(steps) == 1:
        return None
    return Level(place + 1, len(steps), tuple(step.label for step in steps[place + 1 :]))
