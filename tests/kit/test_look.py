"""Every visible state has a distinct look."""

import pytest

from backend.cases.mailer.deliveries import DeliveryState
from backend.kit.approval import ApprovalState
from backend.kit.execution import EventResult, ExecutionStatus
from backend.kit.look import VisibleState
from backend.kit.progress import MilestoneState

STATES: list[type[VisibleState]] = [ApprovalState, DeliveryState, EventResult, ExecutionStatus, MilestoneState]


@pytest.mark.parametrize("states", STATES)
def test_every_state_has_a_label_and_an_icon(states: type[VisibleState]) -> None:
    assert all(each.look.label and each.look.icon for each in states)
    assert len({each.look.label for each in states}) == len(states)


def test_a_state_is_still_its_word() -> None:
    assert ApprovalState("sent_back") is ApprovalState.SENT_BACK
    assert (ApprovalState.SENT_BACK.value, f"{ApprovalState.SENT_BACK}") == ("sent_back", "sent_back")


@pytest.mark.parametrize(
    ("name", "status"), [("CANCELED", "cancelled"), ("TIMED_OUT", "timed_out"), ("queued", "queued")]
)
def test_a_status_is_found_by_the_name_that_temporal_gives_it(name: str, status: str) -> None:
    assert ExecutionStatus.named(name) == status


def test_a_result_that_temporal_may_add_has_a_neutral_look() -> None:
    assert EventResult.look_of("Paused by hand").label == "Paused by hand"
