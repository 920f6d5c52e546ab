"""Tokens that another server signed, whose clock is not quite ours."""

import time
from datetime import timedelta

import pytest
from itsdangerous import TimestampSigner

from backend.api.routes.core.form_tokens import MAX_AGE, FormTokens
from backend.cases.approvals.decide.decision_links import AGE, DecisionLinks, LinkNotValid
from backend.cases.core.signatures import CLOCK_TOLERANCE
from backend.database.ids import new_id
from tests.support.web import SECRET

MINUTE = timedelta(minutes=1)


def clock_of_signer(monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    """The clock of the server that signs, so far ahead of ours."""
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(time.time() + ahead.total_seconds()))


@pytest.mark.parametrize(
    ("ahead", "counts"),
    [
        (MINUTE / 2, True),
        (CLOCK_TOLERANCE + MINUTE, False),
        (-MAX_AGE + MINUTE, True),
        (-MAX_AGE - MINUTE, False),
    ],
)
def test_a_form_of_another_server_counts_within_reason(
    monkeypatch: pytest.MonkeyPatch, ahead: timedelta, *, counts: bool
) -> None:
    clock_of_signer(monkeypatch, ahead)
    tokens = FormTokens([SECRET])
    assert (tokens.read("start", tokens.new("start")) is not None) is counts


@pytest.mark.parametrize("ahead", [MINUTE / 2, -AGE + MINUTE])
def test_a_link_in_an_email_is_valid_by_any_of_our_clocks(monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    clock_of_signer(monkeypatch, ahead)
    links, delivery = DecisionLinks([SECRET]), new_id()
    assert links.read(links.token(delivery)) == delivery


@pytest.mark.parametrize("ahead", [CLOCK_TOLERANCE + MINUTE, -AGE - MINUTE])
def test_a_link_that_is_too_old_or_from_the_future_is_not_valid(
    monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    clock_of_signer(monkeypatch, ahead)
    links = DecisionLinks([SECRET])
    with pytest.raises(LinkNotValid):
        links.read(links.token(new_id()))
