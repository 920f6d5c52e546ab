"""How activities fail: temporarily, or for good."""

from temporalio.exceptions import ApplicationError

REFUSED_FOR_GOOD = "RefusedForGood"
NOT_AS_APPROVED = "NotAsApproved"
NOT_OURS = "NotOurs"


def refused_for_good(reason: str) -> ApplicationError:
    """The other system will never accept this; retrying is pointless."""
    return ApplicationError(reason, type=REFUSED_FOR_GOOD, non_retryable=True)


def not_as_approved(reason: str) -> ApplicationError:
    """The effect is not what people approved; only a person can say what to do now."""
    return ApplicationError(reason, type=NOT_AS_APPROVED, non_retryable=True)
