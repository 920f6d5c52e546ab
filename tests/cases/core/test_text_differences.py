"""What changed in a long text reads like a text with marks, and loses nothing that changed."""

import time

from hypothesis import given
from hypothesis import strategies as st

from backend.cases.core.differences import differences
from backend.cases.core.text_differences import GONE, NEW, SAME, text_parts
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


def test_two_texts_of_twenty_thousand_characters_take_no_time() -> None:
    before, after = "word " * 4_000, "other " * 3_300
    begun = time.perf_counter()
    assert text_parts(before, after) == [(GONE, before), (NEW, after)]
    assert time.perf_counter() - begun < 1


def test_a_form_with_a_long_text_has_parts_for_it_alone() -> None:
    model = by_key()["article_publication"].input
    old, new = article(), article(title="Another title", body=article()["body"].replace("five", "six"))
    changes = {change.label: change for change in differences(model, old, new)}
    assert changes["Title"].parts == []
    assert (NEW, "**six**.") in changes["Text"].parts
