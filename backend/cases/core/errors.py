"""Errors of use cases, each with its status, its stable code and a sentence for people."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from backend.kit.i18n import N_


class CaseError(Exception):
    """A refusal. Nothing was changed."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"

    @property
    def sentence(self) -> str:
        """What the person reads."""
        return str(self.args[0]) if self.args else (self.__doc__ or "").strip()

    def __str__(self) -> str:
        return self.sentence


class NotFound(CaseError):
    """This does not exist, or you do not have access to it."""

    status = 404
    code = "not_found"


class NotAllowed(CaseError):
    """You do not have permission to do this."""

    status = 403
    code = "not_allowed"


class KeyReused(CaseError):
    """This key was already used for another request. Nothing was accepted."""

    status = 422
    code = "idempotency_key_reused"


class KeyInProgress(CaseError):
    """The first request with this key is still being processed."""

    code = "in_progress"


@dataclass
class Difference:
    """One field that changed: what it was, what it is. A long text has `parts`: same, gone or new, and their words."""

    label: str
    before: str
    after: str
    parts: list[tuple[str, str]] = field(default_factory=list)


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


class CommentNeeded(CaseError):
    """Rejecting or requesting changes needs a comment."""

    status = 422
    code = "comment_needed"


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


class CommentTooLong(CaseError):
    """A comment can have up to 4,000 characters."""

    status = 422
    code = "comment_too_long"


class TooManyComments(CaseError):
    """This case has reached the limit of 500 comments."""

    status = 429
    code = "too_many_comments"


class CaseClosed(CaseError):
    """This case is closed and cannot be changed."""

    code = "case_closed"


class ActionNotOffered(CaseError):
    """This action is not available now. Nothing was changed."""

    code = "action_not_offered"

    def __init__(self, reference: str, sentence: str) -> None:
        self.reference = reference
        super().__init__(sentence)


class NotSentBack(CaseError):
    """No changes were requested, so this cannot be edited now."""

    code = "not_sent_back"


class FileTooLarge(CaseError):
    """The file is too large."""

    status = 413
    code = "file_too_large"


class FileTypeRefused(CaseError):
    """Only PDF, PNG and JPEG files can be attached."""

    status = 422
    code = "file_type_refused"


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
