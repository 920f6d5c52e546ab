"""The shortest way from one sequence to another (Myers, 1986), as far as a budget of comparisons goes.

Without a limit two texts that have nothing in common cost the square of their length, and a form may hold 20,000
characters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Budget:
    """How many comparisons are left for a whole text."""

    left: int

    def spend(self, comparisons: int) -> bool:
        """Whether there was enough left for them."""
        self.left -= comparisons
        return self.left >= 0


@dataclass(frozen=True)
class Change(Generic[T]):
    """A stretch that is the same in both (`old` equals `new`), or what became of it."""

    same: bool
    old: Sequence[T]
    new: Sequence[T]


def edit_script(old: Sequence[T], new: Sequence[T], budget: Budget) -> list[Change[T]]:
    """What stays and what changes, in order. What the budget does not reach is one change from end to end."""
    start, end = _shared_ends(old, new)
    first, last = old[:start], old[len(old) - end :]
    middle = _changes(old[start : len(old) - end], new[start : len(new) - end], budget)
    return [each for each in (Change(same=True, old=first, new=first), *middle, Change(True, last, last)) if _any(each)]


def _any(change: Change[T]) -> bool:
    return bool(change.old or change.new)


def _shared_ends(old: Sequence[T], new: Sequence[T]) -> tuple[int, int]:
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, end


def _changes(old: Sequence[T], new: Sequence[T], budget: Budget) -> list[Change[T]]:
    if not old or not new:
        return [Change(same=False, old=old, new=new)]
    trace = _trace(old, new, budget)
    if trace is None:
        return [Change(same=False, old=old, new=new)]
    found: list[Change[T]] = []
    x, y = 0, 0
    for start_x, start_y, length in (*_stretches(trace, len(old), len(new)), (len(old), len(new), 0)):
        found.append(Change(same=False, old=old[x:start_x], new=new[y:start_y]))
        x, y = start_x + length, start_y + length
        found.append(Change(same=True, old=old[start_x:x], new=old[start_x:x]))
    return [each for each in found if _any(each)]


def _trace(old: Sequence[T], new: Sequence[T], budget: Budget) -> list[dict[int, int]] | None:
    """How far each diagonal reaches after 0, 1, 2 … edits, until the end is reached; None if that costs too much."""
    reach, trace = {1: 0}, []
    for edits in range(len(old) + len(new) + 1):
        trace.append(dict(reach))
        if not budget.spend(edits + 1):
            return None
        for diagonal in range(-edits, edits + 1, 2):
            x = begin = _begin(reach, diagonal, edits)
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            reach[diagonal] = x
            if not budget.spend(x - begin):
                return None
            if x >= len(old) and x - diagonal >= len(new):
                return trace
    return None


def _begin(reach: dict[int, int], diagonal: int, edits: int) -> int:
    """Where this diagonal begins: a step down from the one above, or a step right from the one below."""
    down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
    return reach[diagonal + 1] if down else reach[diagonal - 1] + 1


def _stretches(trace: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int, int]]:
    """What both share, as where it is in the old, where in the new, and how long it is; from the first to the last."""
    found: list[tuple[int, int, int]] = []
    for edits in range(len(trace) - 1, -1, -1):
        reach, diagonal = trace[edits], x - y
        begin = _begin(reach, diagonal, edits)
        if x > begin:
            found.append((begin, begin - diagonal, x - begin))
        down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
        before = diagonal + 1 if down else diagonal - 1
        x = reach[before]
        y = x - before
    return found[::-1]
