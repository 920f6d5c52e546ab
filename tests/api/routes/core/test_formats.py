"""Pages address their reader as “you”."""

import pytest

from backend.api.routes.core.formats import said_to


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Ann Berger can choose: 2 of 7 items are missing", "You can choose: 2 of 7 items are missing"),
        (
            "Mona Lind requested changes; Ann Berger can change the request now",
            "Mona Lind requested changes; you can change the request now",
        ),
        ("Mona Lind has to approve it", "Mona Lind has to approve it"),
        ("iPads for Ann Berger wait", "iPads for Ann Berger wait"),
    ],
)
def test_whom_a_sentence_names_is_you_to_themselves(sentence: str, said: str) -> None:
    assert said_to(sentence, "Ann Berger") == said
