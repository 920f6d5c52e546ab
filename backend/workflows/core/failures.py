"""Why something failed, in words for people: the reason of the other system, or where to find it."""

from temporalio.exceptions import ApplicationError

from backend.activities.core.errors import NOT_AS_APPROVED, NOT_OURS, REFUSED_FOR_GOOD
from backend.kit.i18n import N_

CHILD_FAILED = "PartFailed"
FORGED = (NOT_AS_APPROVED, NOT_OURS)
WRITTEN_FOR_PEOPLE = {CHILD_FAILED, REFUSED_FOR_GOOD, *FORGED}
UNKNOWN = N_("It failed; see its history for the cause")


def reason_of(error: BaseException) -> str:
    """The innermost reason that was written for people."""
    found = UNKNOWN
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ApplicationError) and cause.type in WRITTEN_FOR_PEOPLE:
            found = cause.message.rstrip(".")
        cause = cause.__cause__
    return found


def is_forged(error: BaseException) -> bool:
    """Whether a step was refused because it is not what was approved, or did not come from Countersign."""
    cause = error.__cause__
    return isinstance(cause, ApplicationError) and cause.type in FORGED
