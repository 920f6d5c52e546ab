"""The timeline of a history: in order, within its frame, with idle time folded."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backend.temporal.history import Group, GroupKind
from backend.temporal.timeline import FOLD_WIDTH, LEFT, NARROWEST, RIGHT, draw

START = datetime(2026, 9, 21, 9, 40, tzinfo=UTC)


def group(number: int, begins: float, lasts: float | None) -> Group:
    started = START + timedelta(seconds=begins)
    ended = None if lasts is None else started + timedelta(seconds=lasts)
    return Group(number, number, GroupKind.ACTIVITY, f"step_{number}", "Completed", started, ended)


def test_a_night_in_which_nothing_happened_is_folded_and_said() -> None:
    night = 16 * 3600.0
    picture = draw([group(1, 0, 60), group(2, night, 60)], START + timedelta(hours=17))
    (fold,) = picture.folds
    assert fold.length == timedelta(seconds=night - 60)
    first, second = picture.bars
    assert first.x + first.width <= fold.x + NARROWEST
    assert second.x >= fold.x + FOLD_WIDTH - NARROWEST
    assert first.width > NARROWEST, "without the fold a minute would be invisible beside a night"


def test_what_goes_on_reaches_until_now() -> None:
    picture = draw([group(1, 0, 1), group(2, 1, None)], START + timedelta(seconds=30))
    assert abs(picture.bars[-1].x + picture.bars[-1].width - RIGHT) < 1


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=20))
def test_every_bar_stands_within_the_frame_and_time_runs_to_the_right(spans: list[tuple[float, float]]) -> None:
    groups = [group(number, begins, lasts) for number, (begins, lasts) in enumerate(spans)]
    picture = draw(groups, START + timedelta(seconds=3e6))
    assert len(picture.bars) == len(groups)
    for bar in picture.bars:
        assert bar.x >= LEFT - 0.01
        assert bar.x + bar.width <= RIGHT + NARROWEST + 0.01
    in_time = sorted(zip(groups, picture.bars, strict=True), key=lambda pair: pair[0].started)
    places = [bar.x for _, bar in in_time]
    assert all(a <= b + 0.01 for a, b in pairwise(places))
