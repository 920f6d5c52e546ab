"""Refusals of what people do with an approval."""

from datetime import datetime

from backend.cases.core.differences import Difference
from backend.cases.core.errors import CaseError
from backend.kit.i18n import N_


class AlreadyDecided(CaseError):
    """This approval is already closed."""

    code = "already_decided"

    def __init__(self, state: str, by: str, at: datetime | None) -> None:
        self.state, self.by, self.at = state, by, at
        closed = _CLOSED[state].format(name=by) if by else _CLOSED_BY_TIME.get(state, _NO_LONGER_OPEN)
        super().__init__(closed)


# Who closed it, by the state of the approval; without a name it was the deadline.
_CLOSED = {
    "approved": N_("Already decided: {name} approved this. Nothing was changed."),
    "rejected": N_("Already decided: {name} rejected this. Nothing was changed."),
    "sent_back": N_("Already decided: {name} requested changes. Nothing was changed."),
    "expired": N_("Already closed by {name}. Nothing was changed."),
    "withdrawn": N_("Already closed: {name} withdrew this. Nothing was changed."),
    "not_needed": N_("Already closed: {name} made this unnecessary. Nothing was changed."),
}
_CLOSED_BY_TIME = {
    "approved": N_("Already decided: the deadline approved this. Nothing was changed."),
    "rejected": N_("Already decided: the deadline rejected this. Nothing was changed."),
}
_NO_LONGER_OPEN = N_("Already closed: no decision is needed any more. Nothing was changed.")


class AnsweredBefore(AlreadyDecided):
    """This decision was already made. Nothing was changed."""

    def __init__(self, *, own: bool, at: datetime | None) -> None:
        CaseError.__init__(self, _DECIDED_BEFORE if own else _DECIDED_FOR)
        self.state, self.by, self.at = "open", "", at


_DECIDED_BEFORE = N_("You have already decided this. Nothing was changed.")
_DECIDED_FOR = N_("The person you cover for has already decided this. Nothing was changed.")


class ClaimedByAnother(CaseError):
    """Another person claimed this approval. Claim it first to decide."""

    code = "claimed_by_another"


class StaleVersion(CaseError):
    """The request has changed since you opened it. Nothing was decided."""

    code = "stale_version"

    def __init__(self, version: int, differences: list[Difference]) -> None:
        self.version, self.differences = version, differences
        super().__init__(N_("The request has changed since you opened it. Nothing was decided."))


class DeadlinePassed(CaseError):
    """The deadline has passed. Your decision was not recorded."""

    code = "deadline_passed"

    def __init__(self, deadline: datetime) -> None:
        self.deadline = deadline
        super().__init__(N_("The deadline has passed. Your decision was not recorded."))


class FourEyes(CaseError):
    """You requested or changed this, so you cannot decide it."""

    status = 403
    code = "four_eyes"


class NotACandidate(CaseError):
    """You are not an approver of this request."""

    status = 403
    code = "not_a_candidate"


class NotOffered(CaseError):
    """This decision is not available here."""

    status = 422
    code = "not_offered"


class ExtraWrong(CaseError):
    """Additional fields of this decision are missing or not valid. Nothing was decided."""

    status = 422
    code = "extra_wrong"

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{place}: {text}" for place, text in errors.items()))


class AlreadyAnswered(CaseError):
    """This was already answered. The first answer is kept."""

    code = "already_answered"


class TooManyQuestions(CaseError):
    """This approval has reached the limit of 50 questions."""

    status = 429
    code = "too_many_questions"


class Unsuitable(CaseError):
    """This person cannot be assigned."""

    status = 422
    code = "unsuitable_person"


class AdviceAlreadyRequested(CaseError):
    """You have already requested advice. Withdraw that request first."""

    code = "already_delegated"


class NoAdviceRequested(CaseError):
    """You have not requested advice here."""

    code = "not_delegated"


class NothingToRetract(CaseError):
    """You have no decision here to undo."""

    code = "nothing_to_undo"


class TooLateToRetract(CaseError):
    """It is too late to undo this: the process has continued."""

    code = "too_late_to_undo"


class NotCorrectable(CaseError):
    """Only the fields that the policy lists can be corrected here. For anything else, request changes."""

    status = 422
    code = "not_correctable"


class NothingChanged(CaseError):
    """Nothing was changed."""

    status = 422
    code = "nothing_changed"


class NotInBulk(CaseError):
    """This approval has to be decided individually."""

    code = "not_in_bulk"
