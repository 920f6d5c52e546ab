"""How the language of a reader is chosen."""

import pytest

from backend.i18n.language import Language, chosen_language, current_language, negotiated, speaking


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("DE-ch", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR,fr;q=0.9", "en"),
        ("fr;q=0.9,de;q=0.2", "de"),
        ("en;q=0.2, de;q=0.7", "de"),
        ("de;q=0", "en"),
        ("de;q=0,en", "en"),
        ("*", "en"),
        ("de;q=high", "en"),
        ("de;q=nan", "en"),
        ("de;q=7", "en"),
        ("de;level=1", "en"),
        (";;;,,,q=1", "en"),
        ("en-XA", "en"),
        ("x," * 50_000 + "de", "en"),
    ],
)
def test_a_browser_gets_the_language_that_it_wants_most(accept: str, language: str) -> None:
    assert negotiated(accept) == language


def test_the_pseudo_locale_is_for_tests_alone() -> None:
    assert negotiated("en-XA") is Language.ENGLISH
    assert negotiated("en-XA", pseudo=True) is Language.PSEUDO
    assert negotiated("de, en-XA;q=0.1", pseudo=True) is Language.GERMAN
    assert chosen_language("en-XA") is None


def test_a_choice_counts_only_if_it_is_one() -> None:
    assert chosen_language("de") is Language.GERMAN
    assert chosen_language("") is chosen_language(None) is chosen_language("xx") is None


def test_a_language_is_spoken_within_its_block() -> None:
    with speaking(Language.GERMAN):
        assert current_language() is Language.GERMAN
    assert current_language() is Language.ENGLISH
