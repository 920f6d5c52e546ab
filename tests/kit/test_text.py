"""What shows nothing is nothing, one spelling for one word, and one line where one is meant."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.text import folded, is_blank, login_name, paragraphs, single_line
from tests.support.hostile import INVISIBLE

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    "text", ["", " ", "\t\r\n", "\u2028", "\x1b\x07", "\u2066\u2069", *INVISIBLE, "".join(INVISIBLE)]
)
def test_text_that_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)
    assert single_line(text) == paragraphs(text) == ""


@pytest.mark.parametrize("text", ["a", ".", "一", "\u0301", FAMILY, ENGLAND, "❤\ufe0f", "0\ufe0f\u20e3"])
def test_text_that_shows_something_stays_whole(text: str) -> None:
    assert not is_blank(text)
    assert single_line(text) == paragraphs(text) == text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u200bDesk", "Desk"),
        ("Desk\u00ad \ufeff", "Desk"),
        ("Desks\n\nOpen the request:", "Desks Open the request:"),
        ("a \r\n b\u2028c\x85d", "a b c d"),
        ("Mo\u0308bel", "Möbel"),
        ("two  spaces", "two  spaces"),
    ],
)
def test_a_line_is_kept_as_one_line(typed: str, kept: str) -> None:
    assert single_line(typed) == kept


def test_paragraphs_keep_their_lines() -> None:
    assert paragraphs(" \u200bOne\r\n\r\ntwo\rthree \n") == "One\n\ntwo\nthree"


@given(st.text())
def test_what_was_kept_once_is_kept_the_same(text: str) -> None:
    for kept in (single_line(text), paragraphs(text)):
        assert unicodedata.is_normalized("NFC", kept)
        assert (single_line(kept), paragraphs(kept)) == (single_line(kept), kept)
        assert is_blank(kept) == (kept == "")


def test_names_and_words_are_compared_without_capitals_and_in_one_spelling() -> None:
    assert login_name(" A\u0308NNE ") == login_name("änne") == "änne"
    assert folded("MÖBEL") == folded("mo\u0308bel") == "möbel"
    assert folded("STRASSE") == folded("straße")
