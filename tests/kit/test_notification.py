"""Headlines of notifications, and lists of names."""

import pytest

from backend.kit.approval import ApprovalState
from backend.kit.names import join_names
from backend.kit.notification import LONGEST, PASSWORD_EVENTS, NotificationEvent, headline, one_line, without_breaks


@pytest.mark.parametrize(
    ("event", "verdict", "by", "text"),
    [
        (NotificationEvent.REQUESTED, "", "", "Desks needs your approval"),
        (NotificationEvent.QUESTION, "", "Fay", "Fay asked a question about desks"),
        (NotificationEvent.QUESTION, "", "", "Somebody asked a question about desks"),
        (NotificationEvent.DECIDED, ApprovalState.APPROVED, "Fay", "Desks was approved by Fay"),
        (NotificationEvent.DECIDED, ApprovalState.APPROVED, "", "Desks was approved"),
        (NotificationEvent.DECIDED, ApprovalState.EXPIRED, "Fay", "Desks was not decided in time"),
        (NotificationEvent.DECIDED, "unknown", "Fay", "Desks was decided"),
        (NotificationEvent.DECIDED, "unknown", "", "Desks was decided"),
        (
            NotificationEvent.OVERRIDDEN,
            ApprovalState.REJECTED,
            "Root",
            "Root overrode the decision: desks was rejected",
        ),
        (NotificationEvent.OVERRIDDEN, "unknown", "Root", "Root overrode the decision on desks"),
    ],
)
def test_a_headline_says_what_happened_and_by_whom(event: NotificationEvent, verdict: str, by: str, text: str) -> None:
    assert headline(event, title="desks", verdict=verdict, by=by) == text


@pytest.mark.parametrize("event", NotificationEvent)
def test_every_event_has_a_headline(event: NotificationEvent) -> None:
    found = headline(event, title="desks", by="Fay")
    assert "desks" in found.lower() or event in {NotificationEvent.DIGEST, *PASSWORD_EVENTS}
    assert "{" not in found


def test_a_headline_is_one_short_line() -> None:
    assert without_breaks(" a\u2028b\r\n\u202ec ") == "a b c"
    assert one_line("x" * LONGEST) == "x" * LONGEST
    assert one_line("x" * (LONGEST + 1)) == f"{'x' * (LONGEST - 1)}…"


@pytest.mark.parametrize(
    ("names", "word", "text"),
    [
        ([], "or", ""),
        (["Ann"], "or", "Ann"),
        (["Ann", "Ben"], "or", "Ann or Ben"),
        (["Ann", "Ben", "Cem"], "and", "Ann, Ben and Cem"),
    ],
)
def test_names_are_joined_as_people_say_them(names: list[str], word: str, text: str) -> None:
    assert join_names(names, word) == text


def test_names_are_alternatives_by_default() -> None:
    assert join_names(["Ann", "Ben"]) == "Ann or Ben"
