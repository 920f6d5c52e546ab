"""A policy accepts and writes the field names of earlier releases."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

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
