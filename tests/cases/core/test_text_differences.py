"""Changes in a long text are marked within the text, and no change is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cases.core.differences import differences
from backend.cases.core.edit_script import Budget, edit_script
from backend.cases.core.text_differences import GONE, MOST_COMPARISONS, NEW, SAME, text_parts
from backend.processes import by_key
from tests.support.articles import article

WORDS = st.lists(st.sampled_from(["one ", "two ", "three\n", "four. ", "five\n\n"]), max_size=30).map("".join)


def test_a_changed_word_is_shown_within_its_sentence() -> None:
    before = "We began at five. " * 20 + "Nobody was late."
    parts = text_parts(before, before.replace("Nobody", "Olga"))
    assert [kind for kind, _ in parts] == [SAME, GONE, NEW, SAME]
    assert parts[1:3] == [(GONE, "Nobody"), (NEW, "Olga")]
    assert parts[0][1].startswith("… ")
    assert len(parts[0][1]) < 100


def test_a_new_paragraph_is_new_and_the_rest_stays() -> None:
    assert text_parts("a\n\nc\n", "a\n\nb\n\nc\n") == [(SAME, "a\n\n"), (NEW, "b\n\n"), (SAME, "c\n")]


@given(WORDS, WORDS)
def test_all_that_is_gone_was_there_and_all_that_is_new_is_there(before: str, after: str) -> None:
    for kind, text in text_parts(before, after):
        assert text in {GONE: before, NEW: after}.get(kind, text)


@given(st.text(alphabet="ab \n", max_size=60), st.text(alphabet="ab \n", max_size=60))
def test_short_texts_can_be_put_together_again(before: str, after: str) -> None:
    parts = text_parts(before, after)
    assert "".join(text for kind, text in parts if kind != NEW) == before
    assert "".join(text for kind, text in parts if kind != GONE) == after


HOSTILE = [
    ("word " * 4_000, "other " * 3_300),
    ("a b " * 300, "b a " * 300),
    (" ".join("abcdefgh"[n * n % 8] for n in range(500)), " ".join("abcdefgh"[n * n * n % 8] for n in range(500))),
    ("a\n" * 10_000, "b\n" * 10_000),
    ("x\n" * 10_000, "x\ny\n" * 5_000),
    ("a " * 1_000 + "b", "b" + " a" * 1_000),
]


# Those of them that take more comparisons than there may be.
TOO_DIFFERENT = [HOSTILE[0], *HOSTILE[2:5]]


class Counted(str):
    """A word that counts how often words are compared."""

    __slots__ = ()
    __hash__ = str.__hash__
    comparisons = 0

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return str.__eq__(self, other)


@pytest.mark.parametrize(("before", "after"), HOSTILE)
def test_a_hostile_pair_costs_a_few_comparisons_a_word_and_no_more(before: str, after: str) -> None:
    Counted.comparisons = 0
    old, new = [Counted(word) for word in before.split()], [Counted(word) for word in after.split()]
    edit_script(old, new, Budget(MOST_COMPARISONS))
    assert Counted.comparisons <= 2 * MOST_COMPARISONS + len(old) + len(new)


@pytest.mark.parametrize(("before", "after"), TOO_DIFFERENT)
def test_where_the_budget_ends_all_that_is_left_is_gone_and_new(before: str, after: str) -> None:
    budget = Budget(MOST_COMPARISONS)
    parts = text_parts(before, after, budget)
    (gone,), (new,) = ([text for kind, text in parts if kind == wanted] for wanted in (GONE, NEW))
    assert (gone in before, new in after) == (True, True)
    assert -max(len(before), len(after)) < budget.left < 0


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_a_script_leads_from_one_to_the_other_with_the_fewest_changes(old: list[str], new: list[str]) -> None:
    changes = edit_script(old, new, Budget(10_000))
    assert [each for change in changes for each in change.old] == old
    assert [each for change in changes for each in change.new] == new
    assert all((change.old == change.new) == change.same for change in changes)
    edits = sum(len(change.old) + len(change.new) for change in changes if not change.same)
    assert edits == len(old) + len(new) - 2 * _longest_shared(old, new)


def _longest_shared(old: list[str], new: list[str]) -> int:
    above = [0] * (len(new) + 1)
    for x in old:
        row = [0]
        for n, y in enumerate(new):
            row.append(above[n] + 1 if x == y else max(row[n], above[n + 1]))
        above = row
    return above[-1]


def test_a_form_with_a_long_text_has_parts_for_it_alone() -> None:
    model = by_key()["article_publication"].input
    old, new = article(), article(title="Another title", body=article()["body"].replace("five", "six"))
    changes = {change.label: change for change in differences(model, old, new)}
    assert changes["Title"].parts == []
    assert (NEW, "**six**.") in changes["Text"].parts
