"""How far a case is: its milestones, whose turn it is, its parts and its offers."""

from datetime import UTC, datetime

import pytest

from backend.kit.action import OfferedAction
from backend.kit.progress import ChildProgress, Milestone, MilestoneState, Progress, Turn

EARLIER, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


def a_progress() -> Progress:
    """A case with three milestones, none of which has begun."""
    return Progress(milestones=[Milestone(key=key, label=key.capitalize()) for key in ("ask", "order", "ship")])


def turn(who: str, approval: str = "1", since: datetime = EARLIER) -> Turn:
    """Whose turn it is."""
    return Turn(who=who, since=since, approval_id=approval)


def states(progress: Progress | ChildProgress) -> list[str]:
    """The states of the milestones in their order."""
    return [each.state.value for each in progress.milestones]


def test_a_milestone_begins_with_a_sentence_and_nobodys_turn() -> None:
    progress = a_progress()
    progress.wait_for("ask", turn("Fay"), "desks")
    progress.begin("order", "Ordering", NOW)
    assert (states(progress), progress.sentence, progress.turn) == (["now", "now", "to_come"], "Ordering", None)
    assert progress.milestone("order").since == NOW
    with pytest.raises(KeyError):
        progress.milestone("nothing")


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("Fay", "Fay has to approve desks"),
        ("Fay or Finn", "Fay or Finn has to approve desks"),
        ("Fay and Finn", "Fay and Finn have to approve desks"),
        ("No eligible approver", "No eligible approver for desks"),
    ],
)
def test_a_milestone_that_waits_says_for_whom(who: str, sentence: str) -> None:
    progress = a_progress()
    progress.wait_for("ask", turn(who), "desks")
    asked = progress.milestone("ask")
    assert (asked.state, asked.who, asked.since) == (MilestoneState.NOW, who, EARLIER)
    assert (progress.sentence, progress.subject, progress.turn) == (sentence, "desks", turn(who))


@pytest.mark.parametrize(("mark", "state"), [("done", "done"), ("sent_back", "back"), ("failed", "failed")])
def test_a_milestone_ends_with_who_and_when(mark: str, state: str) -> None:
    progress = a_progress()
    progress.wait_for("ask", turn("Fay or Finn"), "desks")
    getattr(progress, mark)("ask", NOW, "Why", "Fay")
    asked = progress.milestone("ask")
    assert (asked.state, asked.done_at, asked.detail, asked.who) == (state, NOW, "Why", "Fay")
    assert progress.turn is None
    getattr(progress, mark)("ask", NOW)
    assert (asked.detail, asked.who) == ("", "Fay")


def test_it_is_back_while_changes_are_requested_and_nobody_is_asked() -> None:
    progress = a_progress()
    assert not progress.is_back
    progress.sent_back("ask", NOW)
    assert progress.is_back
    progress.wait_for("order", turn("Fay"), "desks")
    assert not progress.is_back


def test_the_same_approval_gets_other_approvers_and_keeps_its_start() -> None:
    progress = a_progress()
    assert not progress.reassigned(turn("Finn"))
    progress.wait_for("ask", turn("Fay"), "desks")
    assert not progress.reassigned(turn("Finn", approval="2"))
    assert progress.reassigned(turn("Finn", since=NOW))
    assert (progress.sentence, progress.milestone("ask").since) == ("Finn has to approve desks", EARLIER)
    assert states(progress) == ["now", "to_come", "to_come"]


def test_milestones_of_a_corrected_form_keep_their_states() -> None:
    progress = a_progress()
    progress.done("ask", NOW)
    progress.replace_milestones([Milestone(key="ask", label="New"), Milestone(key="audit", label="Audit")])
    assert [(each.label, each.state.value) for each in progress.milestones] == [("Ask", "done"), ("Audit", "to_come")]


def test_a_case_that_fails_stops_at_its_current_milestone() -> None:
    progress = a_progress()
    progress.done("ask", EARLIER)
    progress.begin("order", "Ordering", EARLIER)
    progress.fail_current(NOW, "Sold out")
    assert states(progress) == ["done", "failed", "to_come"]
    assert (progress.milestone("order").detail, progress.milestone("order").done_at) == ("Sold out", NOW)


def test_a_case_that_ends_waits_for_nobody_and_offers_nothing() -> None:
    progress = a_progress()
    progress.done("ask", NOW)
    progress.wait_for("order", turn("Fay"), "desks")
    progress.actions = [OfferedAction.model_construct(key="ship", offer=1)]
    progress.finish("Over")
    assert (states(progress), progress.turn) == (["done", "not_needed", "not_needed"], None)
    assert (progress.sentence, progress.actions) == ("Over", [])


def test_an_offer_is_found_by_its_key_and_closed_by_its_number() -> None:
    progress = a_progress()
    first, second = (OfferedAction.model_construct(key=key, offer=offer) for key, offer in (("a", 1), ("b", 2)))
    progress.actions = [first, second]
    assert (progress.offered("b"), progress.offered("c")) == (second, None)
    progress.close_offer(1)
    assert progress.actions == [second]


def test_what_a_child_reports_replaces_what_it_reported_before() -> None:
    progress = a_progress()
    for key in ("a", "b"):
        progress.put_child(ChildProgress(key=key, label="First"))
    progress.put_child(ChildProgress(key="a", label="Second"))
    assert [(each.key, each.label) for each in progress.children] == [("a", "Second"), ("b", "First")]


def test_a_child_that_stops_early_stops_at_its_current_milestone() -> None:
    child = ChildProgress(key="a", label="A", milestones=a_progress().milestones)
    child.done("ask", EARLIER)
    child.begin("order", "Ordering", EARLIER)
    child.stop(MilestoneState.FAILED, "Sold out", NOW)
    assert (states(child), child.state, child.sentence) == (["done", "failed", "not_needed"], "failed", "Sold out")
    assert child.milestone("order").done_at == NOW
    assert child.milestone("ask").done_at == EARLIER
