"""Whether every step of a case can get its approvals, each from other people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Demand:
    """How many approvals a step needs, and who can give them."""

    needed: int
    able: Collection[str]


def enough_people(demands: Sequence[Demand]) -> bool:
    """Whether there is one person for each approval, nobody twice: a matching by augmenting paths."""
    seats = [demand.able for demand in demands for _ in range(demand.needed)]
    taken: dict[str, int] = {}

    def seated(seat: int, tried: set[str]) -> bool:
        for person in seats[seat]:
            if person in tried:
                continue
            tried.add(person)
            if person not in taken or seated(taken[person], tried):
                taken[person] = seat
                return True
        return False

    return all(seated(seat, set()) for seat in range(len(seats)))
