"""A page says "you" to its reader."""

import pytest

from backend.api.routes.core.formats import said_to


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Ann Berger can choose: 2 pieces are not there", "You can choose: 2 pieces are not there"),
        ("Mona Lind sent it back; Ann Berger can change it now", "Mona Lind sent it back; you can change it now"),
        ("Mona Lind has to approve it", "Mona Lind has to approve it"),
        ("iPads for Ann Berger wait", "iPads for Ann Berger wait"),
    ],
)
def test_whom_a_sentence_names_is_you_to_themselves(sentence: str, said: str) -> None:
    assert said_to(sentence, "Ann Berger") == said
