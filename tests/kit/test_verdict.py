"""Decisions and a policy give exactly one verdict, in any order."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.approval import ApprovalState, DecisionKind, Step, Veto
from backend.kit.verdict import reach_verdict

Y, N, B = DecisionKind.APPROVE, DecisionKind.REJECT, DecisionKind.SEND_BACK
choices = st.lists(st.sampled_from(DecisionKind), max_size=6)
vetoes = st.sampled_from(Veto)


@pytest.mark.parametrize(
    ("votes", "needed", "left", "veto", "expected"),
    [
        ([], 1, 2, Veto.NO_ENDS, None),
        ([Y], 1, 1, Veto.NO_ENDS, "approved"),
        ([Y], 2, 1, Veto.NO_ENDS, None),
        ([Y, Y], 2, 0, Veto.NO_ENDS, "approved"),
        ([Y, N], 2, 5, Veto.NO_ENDS, "rejected"),
        ([N], 2, 2, Veto.NO_COUNTS, None),
        ([N], 3, 2, Veto.NO_COUNTS, "rejected"),
        ([N, Y, Y], 2, 0, Veto.NO_COUNTS, "approved"),
        ([Y], 3, 1, Veto.NO_COUNTS, None),  # too few are left, but nobody said no: it is stuck, not rejected
        ([B], 3, 2, Veto.NO_COUNTS, "sent_back"),
        ([Y, Y], 1, 1, Veto.COUNT_AT_END, None),
        ([N, N], 1, 1, Veto.COUNT_AT_END, None),
        ([N, Y, N], 1, 0, Veto.COUNT_AT_END, "approved"),
        ([N, Y], 2, 0, Veto.COUNT_AT_END, "rejected"),
        ([Y, B], 2, 3, Veto.COUNT_AT_END, "sent_back"),
    ],
)
def test_what_votes_come_to(
    votes: list[DecisionKind], needed: int, left: int, veto: Veto, expected: str | None
) -> None:
    assert reach_verdict(votes, needed=needed, left=left, veto=veto) == expected


@given(choices, st.integers(1, 5), st.integers(0, 5), vetoes)
def test_the_order_of_answers_does_not_matter(votes: list[DecisionKind], needed: int, left: int, veto: Veto) -> None:
    found = {reach_verdict(order, needed=needed, left=left, veto=veto) for order in permutations(votes)}
    assert len(found) == 1


@given(choices, st.integers(1, 5), st.integers(0, 5), vetoes)
def test_a_yes_takes_as_many_as_the_policy_says(votes: list[DecisionKind], needed: int, left: int, veto: Veto) -> None:
    reached = reach_verdict(votes, needed=needed, left=left, veto=veto)
    if reached is ApprovalState.APPROVED:
        assert votes.count(Y) >= needed
    if votes.count(Y) < needed and N not in votes and B not in votes:
        assert reached is None


@given(st.integers(1, 7), st.integers(1, 7), st.lists(st.booleans(), min_size=7, max_size=7))
def test_where_a_no_counts_the_vote_ends_exactly_when_it_is_clear(able: int, needed: int, says: list[bool]) -> None:
    votes: list[DecisionKind] = []
    ended = None
    for place in range(min(able, len(says))):
        votes.append(Y if says[place] else N)
        yeses, left = votes.count(Y), able - len(votes)
        ended = reach_verdict(votes, needed=needed, left=left, veto=Veto.NO_COUNTS)
        clear = yeses >= needed or (yeses + left < needed and N in votes)
        assert (ended is not None) is clear
        if ended is not None:
            return
    assert needed > able or ended is None


@given(st.integers(0, 40), st.integers(1, 100))
def test_a_percentage_needs_somebody_and_never_more_than_all(able: int, percent: int) -> None:
    needed = _step(percent=percent).quorum(able)
    assert 1 <= needed <= max(able, 1)
    assert needed * 100 >= able * percent


def test_all_means_all_who_can_answer_and_nobody_is_not_enough() -> None:
    assert [_step(needed=0).quorum(able) for able in (0, 1, 3)] == [1, 1, 3]
    assert [_step(needed=2).quorum(able) for able in (0, 5)] == [2, 2]


def _step(**changes: int) -> Step:
    return Step.model_validate(
        {"key": "x", "label": "X", "question": "?", "who": ("group:finance",), "due": 60, "deadline": 120, **changes}
    )
