"""The history of an execution as a picture: bars over time, with idle time folded away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from backend.temporal.history import Group

LEFT, RIGHT = 210.0, 940.0  # names are left of the bars, in the picture's own units
FOLD_WIDTH = 56.0
TOP, ROW = 24.0, 28.0
NARROWEST = 6.0
LONGEST_SHOWN = 0.2  # of the whole span: a quiet time longer than this is folded
FEWEST_TO_FOLD = timedelta(minutes=1)
KINDS = {"Completed": "ok", "Accepted": "ok", "Started": "ok", "Fired": "ok", "Failed": "bad", "Timed out": "bad"}


@dataclass(frozen=True)
class Bar:
    """One group of events: its name, the position of its bar, its result."""

    name: str
    kind: str
    x: float
    y: float
    width: float
    note: str


@dataclass(frozen=True)
class Fold:
    """Time in which nothing began or ended."""

    x: float
    width: float
    length: timedelta


@dataclass(frozen=True)
class Tick:
    """A moment on the axis."""

    x: float
    at: datetime


@dataclass(frozen=True)
class Timeline:
    """The picture: `height` and all positions in its own units; it is 960 wide."""

    height: float
    bars: list[Bar]
    folds: list[Fold]
    ticks: list[Tick]


class _Axis:
    """Maps moments to positions, leaving out what is folded."""

    def __init__(self, moments: Sequence[datetime]) -> None:
        self.moments = sorted(set(moments))
        span = self.moments[-1] - self.moments[0]
        pairs = list(pairwise(self.moments))
        self.folded = [(a, b) for a, b in pairs if b - a > max(span * LONGEST_SHOWN, FEWEST_TO_FOLD) and len(pairs) > 1]
        shown = span - sum(((b - a) for a, b in self.folded), timedelta())
        room = RIGHT - LEFT - FOLD_WIDTH * len(self.folded)
        self._scale = room / max(shown.total_seconds(), 0.001)

    def place(self, moment: datetime) -> float:
        """The position of a moment."""
        x = LEFT + (moment - self.moments[0]).total_seconds() * self._scale
        for a, b in self.folded:
            if moment >= b:
                x += FOLD_WIDTH - (b - a).total_seconds() * self._scale
            elif moment > a:
                x += (FOLD_WIDTH * ((moment - a) / (b - a))) - (moment - a).total_seconds() * self._scale
        return x


def draw(groups: Sequence[Group], now: datetime) -> Timeline:
    """The picture of these groups, in order of time."""
    ordered = sorted(groups, key=lambda group: group.first)
    if not ordered:
        return Timeline(TOP, [], [], [])
    axis = _Axis([moment for group in ordered for moment in (group.started, group.ended or now)])
    bars = [_bar(axis, group, index, now) for index, group in enumerate(ordered)]
    folds = [Fold(axis.place(a), FOLD_WIDTH, b - a) for a, b in axis.folded]
    ends = [moment for pair in axis.folded for moment in pair]
    ticks = [Tick(axis.place(moment), moment) for moment in (axis.moments[0], *ends, axis.moments[-1])]
    return Timeline(TOP + ROW * len(ordered), bars, folds, _without_overlap(ticks))


def _bar(axis: _Axis, group: Group, index: int, now: datetime) -> Bar:
    x = axis.place(group.started)
    width = max(axis.place(group.ended or now) - x, NARROWEST)
    kind = KINDS.get(group.result, "wait")
    return Bar(group.title, kind, x, TOP + ROW * index, width, group.result)


def _without_overlap(ticks: list[Tick]) -> list[Tick]:
    """Only labels that do not overlap."""
    found: list[Tick] = []
    for tick in ticks:
        if not found or tick.x - found[-1].x >= 2 * FOLD_WIDTH:
            found.append(tick)
    return found
