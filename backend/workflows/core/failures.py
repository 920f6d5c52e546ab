"""Why something failed, in words for people: what the other side said for good, else that operators can see it."""

from temporalio.exceptions import ApplicationError

from backend.activities.core.errors import REFUSED_FOR_GOOD

PART_FAILED = "PartFailed"
TOLD_TO_PEOPLE = {PART_FAILED, REFUSED_FOR_GOOD}
UNKNOWN = "It failed; its history says why"


def reason_of(error: BaseException) -> str:
    """The innermost reason that was written for people."""
    found = UNKNOWN
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ApplicationError) and cause.type in TOLD_TO_PEOPLE:
            found = cause.message.rstrip(".")
        cause = cause.__cause__
    return found
