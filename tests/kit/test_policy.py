"""A policy accepts and writes the field names of earlier releases."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from backend.kit.decision import APPROVE, DecisionKind
from backend.kit.policy import ApprovalPolicy, Step

KEPT: dict[str, Any] = {"who": ["person:finn"], "needed": 1}


@pytest.mark.parametrize("allowed", [True, False])
def test_the_old_name_allows_or_forbids_both(*, allowed: bool) -> None:
    policy = ApprovalPolicy.model_validate(KEPT | {"delegation": allowed})
    assert (policy.consultation, policy.reassignment, policy.delegation) == (allowed, allowed, allowed)


def test_a_step_can_allow_advice_and_forbid_reassignment() -> None:
    step = Step(
        key="finance",
        label="Finance",
        question="Buy it?",
        who=("person:finn",),
        due=timedelta(days=1),
        deadline=timedelta(days=2),
        reassignment=False,
    )
    again = Step.model_validate_json(step.model_dump_json())
    assert (again.consultation, again.reassignment) == (True, False)
    assert not again.delegation, "a release that knows the old name alone forbids both"


def test_equal_policies_have_the_digest_that_earlier_releases_wrote() -> None:
    policy = ApprovalPolicy.model_validate(KEPT)
    later = {"delegation", "consultation", "distinct", "decided_before"}  # earlier releases did not know them
    before = policy.model_dump_json(exclude=later).replace('"reassignment"', '"delegation"')
    assert policy.version == hashlib.sha256(before.encode()).hexdigest()[:12]
    for change in ({"reassignment": False}, {"distinct": False}, {"decided_before": ("fay",)}):
        assert policy.version != policy.model_copy(update=change).version


def test_people_found_later_take_the_place_of_computed_ones() -> None:
    terms = {"key": "owner", "label": "Owner", "question": "Buy it?", "due": timedelta(1), "deadline": timedelta(2)}
    step = Step(who=("group:finance", "computed:the owner of the vendor"), **terms)
    assert step.found(("ann", "ben")).who == ("group:finance", "person:ann", "person:ben")


def test_an_option_is_found_by_what_it_counts_as_and_its_key() -> None:
    policy = ApprovalPolicy.model_validate(KEPT)
    late = APPROVE.model_copy(update={"key": "later"})
    policy = policy.model_copy(update={"options": (APPROVE, late)})
    assert policy.option(DecisionKind.APPROVE) == APPROVE
    assert policy.option(DecisionKind.APPROVE, "later") == late
    assert policy.option(DecisionKind.APPROVE, "never") is None
    assert policy.option(DecisionKind.REJECT) is None
