"""How activities fail: temporarily, or for good."""

from temporalio.exceptions import ApplicationError

REFUSED_FOR_GOOD = "RefusedForGood"


def refused_for_good(reason: str) -> ApplicationError:
    """The other system will never accept this; retrying is pointless."""
    return ApplicationError(reason, type=REFUSED_FOR_GOOD, non_retryable=True)
