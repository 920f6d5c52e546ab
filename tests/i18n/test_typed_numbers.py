"""Numbers are read in the language of their form, and a change of language never changes a number."""

from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.i18n.language import CHOICES, Language, speaking
from backend.i18n.typed_numbers import language_named, read_number, respell_number, write_number

LANGUAGES = st.sampled_from(list(CHOICES))


def number_in(typed: str, language: Language) -> Decimal | None:
    """The number in a field; None if the text is not a number."""
    try:
        return Decimal(read_number(typed, language))
    except InvalidOperation:
        return None


@given(number=st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4))
def test_what_a_page_writes_it_reads_as_the_same_number(number: Decimal) -> None:
    for language in CHOICES:
        assert number_in(write_number(f"{number:f}", language), language) == number


@given(number=st.decimals(0, 10**12, places=2), drawn=LANGUAGES, shown=LANGUAGES)
def test_a_switch_of_language_never_changes_a_number(number: Decimal, drawn: Language, shown: Language) -> None:
    for typed in (write_number(f"{number:f}", drawn), grouped(number, drawn)):
        with speaking(shown):
            assert number_in(respell_number(typed, drawn), shown) == number


def grouped(number: Decimal, language: Language) -> str:
    """The number with grouped thousands in this language."""
    english = f"{number:,.2f}"
    return english if language is Language.ENGLISH else english.translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize(
    ("typed", "german", "english"),
    [
        ("1.234,50", "1234.50", None),
        ("1,234.50", None, "1234.50"),
        ("118,50", "118.50", None),
        ("118.50", None, "118.50"),
        ("1.234", "1234", "1.234"),
        ("1,234", "1.234", "1234"),
        ("1 234,5", "1234.5", None),
        ("1\u00a0234\u202f567", "1234567", "1234567"),
        ("-1.234.567,8", "-1234567.8", None),
        ("0,500", "0.500", None),
        ("0.500", None, "0.500"),
        ("1.2.3", None, None),
        ("1,2,3", None, None),
        ("1.23,456", None, None),
        ("12", "12", "12"),
        ("many", None, None),
        (",", None, None),
        ("", None, None),
    ],
)
def test_typed_text_is_a_number_by_the_rules_of_one_language(
    typed: str, german: str | None, english: str | None
) -> None:
    assert number_in(typed, Language.GERMAN) == ((german and Decimal(german)) or None)
    assert number_in(typed, Language.ENGLISH) == ((english and Decimal(english)) or None)


@pytest.mark.parametrize("typed", ["1.2.3", "many", "", " 3 kg", "1,2,3"])
def test_text_that_is_no_number_stays_as_it_was_typed(typed: str) -> None:
    with speaking(Language.GERMAN):
        assert respell_number(typed, Language.ENGLISH) == typed


def test_a_form_that_names_no_language_is_in_english() -> None:
    assert [language_named(tag) for tag in ("de", "en", "xx", "", None)] == ["de", "en", "en", "en", "en"]
